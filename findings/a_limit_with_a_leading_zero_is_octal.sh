#!/usr/bin/env bash
# The kernel takes a limit of a group with a suffix, and a number that begins with 0 as octal, as C does. 0512M, from a table with
# columns of one width, is 330 MiB without a word, 0100M is 64; 0768M is refused. The pages on cgroups do not say so.
# Seen on Linux 6.18, group of version 1.
set -euo pipefail
[ -d /sys/fs/cgroup/memory ] && group=/sys/fs/cgroup/memory/finding limit=memory.limit_in_bytes || { group=/sys/fs/cgroup/finding limit=memory.max; }
mkdir -p "$group" 2> /dev/null && trap 'rmdir "$group"' EXIT || { echo "needs root" >&2; exit 2; }
[ -f "$group/$limit" ] || { echo "needs groups with a memory limit" >&2; exit 2; }
uname -sr
set_to() { echo "$1" > "$group/$limit" && echo $(($(cat "$group/$limit") >> 20)); }
plain=$(set_to 512M) padded=$(set_to 0512M) hundred=$(set_to 0100M)
refused=no && { echo 0768M > "$group/$limit"; } 2> /dev/null || refused=yes
echo "512M is $plain MiB, 0512M is $padded, 0100M is $hundred, 0768M refused: $refused"
[ "$plain" = 512 ] && [ "$padded" = 330 ] && [ "$hundred" = 64 ] && [ "$refused" = yes ]
