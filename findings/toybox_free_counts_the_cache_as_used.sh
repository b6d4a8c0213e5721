#!/usr/bin/env bash
# `free` of toybox, Android's and small containers' tools, has a line "-/+ buffers/cache", where the cache should not count as used. It knows
# the buffers only: a file that was read once is used memory there, and a machine that is full of cache is full. procps' free and
# busybox's have it right. Its top has the same sum.
# Seen with Debian's toybox 0.8.9, procps 4.0.2: 22861 and 2870 MiB.
set -euo pipefail
here=$(mktemp -d -p /var/tmp) && trap 'rm -rf "$here"' EXIT && cd "$here"
apt-get download --quiet=2 toybox 2> /dev/null || { echo "needs Debian's apt-get" >&2; exit 2; }
dpkg-deb --extract toybox_*.deb .
toybox=$(find . -name toybox -type f -perm -u+x | head -n 1)
used() { echo "$("$toybox" free -m | awk '/buffers\/cache:/ { print $3 }') $(free -m | awk '/Mem:/ { print $3 }')"; }
dd if=/dev/zero of=file bs=1M count=1000 status=none
read -r toy other < <(used)
echo "$("$toybox" --version), used without buffers and cache, with a file of 1000 MiB in it: $toy MiB; procps: $other"
[ $((toy - other)) -gt 900 ]
