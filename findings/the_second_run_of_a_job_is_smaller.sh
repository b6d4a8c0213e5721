#!/usr/bin/env bash
# What a job reads from files is charged to its group, if it is the first to read it. The second run of the same job, in a group of its own,
# finds the pages in memory and pays nothing: a peak of 400 MiB the first time, of a few the second. Two recordings of one job, or
# two steps over one input, differ by all of the input, and which of them is large is a matter of order.
# Seen on Linux 6.18, groups of version 1: 400 and 0 MiB.
set -euo pipefail
[ -d /sys/fs/cgroup/memory ] && groups=/sys/fs/cgroup/memory peak=memory.max_usage_in_bytes || { groups=/sys/fs/cgroup peak=memory.peak; }
here=$(mktemp -d -p /var/tmp) && trap 'rm -rf "$here"; rmdir "$groups"/finding-{1,2} 2> /dev/null' EXIT
mkdir "$groups"/finding-{1,2} 2> /dev/null || { echo "needs root" >&2; exit 2; }
[ -f "$groups/finding-1/$peak" ] || { echo "needs groups with a peak of memory" >&2; exit 2; }
uname -sr
dd if=/dev/zero of="$here/input" bs=1M count=400 conv=fsync status=none
python3 -c 'import os, sys; os.posix_fadvise(os.open(sys.argv[1], os.O_RDONLY), 0, 0, os.POSIX_FADV_DONTNEED)' "$here/input"
run() {
  (echo 0 > "$groups/finding-$1/cgroup.procs" && cat "$here/input" > /dev/null)
  echo $(($(cat "$groups/finding-$1/$peak") >> 20))
}
first=$(run 1)
second=$(run 2)
echo "a job that reads 400 MiB: peak of its group $first MiB, of the second run $second"
[ "$first" -gt 380 ] && [ "$second" -lt 60 ]
