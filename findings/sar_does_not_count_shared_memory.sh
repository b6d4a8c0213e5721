#!/usr/bin/env bash
# A file of 2 GiB in /dev/shm, or a shared memory block, is memory that is used up: free's "used" grows by it. sar -r takes it
# for cache, "memory used to cache data by the kernel", and its kbmemused, the "amount of used memory", stays. A chart of %memused
# is flat until the machine is full. sar's kbavail and /proc/meminfo's Shmem have it.
# Seen with sysstat 12.6.1, procps 4.0.2: free +2132 MiB, kbmemused +118, kbcached +2053, on a busy machine.
set -euo pipefail
command -v sar > /dev/null || { echo "needs sar: apt-get install sysstat" >&2; exit 2; }
[ "$(df --output=avail -B1M /dev/shm | tail -n 1)" -gt 3000 ] || { echo "needs 3 GB of room in /dev/shm" >&2; exit 2; }
block=$(mktemp -p /dev/shm) && trap 'rm -f "$block"' EXIT
figures() {
  LC_ALL=C free -m | awk '/^Mem:/ { print $3 }'
  LC_ALL=C sar -r 1 1 | awk '/kbmemused/ { for (i = 1; i <= NF; i++) at[$i] = NF - i } /^Average/ { print int($(NF - at["kbmemused"]) / 1024), int($(NF - at["kbcached"]) / 1024) }'
}
before=$(figures) && head -c 2G /dev/zero > "$block" && after=$(figures)
set -- $before $after
echo "$(sar -V | sed -n 1p), growth by 2 GiB in /dev/shm: free's used $(($4 - $1)) MiB, sar's kbmemused $(($5 - $2)), kbcached $(($6 - $3))"
[ $(($4 - $1 - ($5 - $2))) -gt 1500 ] && [ $(($6 - $3)) -gt 1500 ]
