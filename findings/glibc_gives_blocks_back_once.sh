#!/usr/bin/env bash
# glibc maps blocks of 128 KiB and more each by itself and unmaps them when they are freed, but the first such
# free raises the threshold to that block's size. So the same code, run twice in one process, gives
# 200 MiB back the first time and keeps them the second time, where 200 small survivors stand between the blocks.
# MALLOC_MMAP_THRESHOLD_ set by hand stops it. Seen with glibc 2.36: 0 MiB kept, then 200; with the threshold set 0 and 0.
set -euo pipefail
ldd --version | sed -n 1p
job() { cat <<'PY'
def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096 >> 20
def kept():
    before, blocks, small = resident(), [], []
    for _ in range(200):
        blocks.append(bytearray(b"x") * (1 << 20))
        small.append(bytes(1000))
    blocks.clear()
    return resident() - before, small
first, survivors = kept()
second, more = kept()
print(first, second)
PY
}
read -r first second < <(job | env -u MALLOC_MMAP_THRESHOLD_ python3 -)
read -r set_first set_second < <(job | MALLOC_MMAP_THRESHOLD_=131072 python3 -)
echo "kept: $first MiB the first time, $second the second; with the threshold set: $set_first and $set_second"
[ "$first" -lt 20 ] && [ "$second" -gt 150 ] && [ "$set_first" -lt 20 ] && [ "$set_second" -lt 20 ]
