#!/usr/bin/env bash
# Private memory that was never written costs nothing to read: the kernel maps its one page of zeros. Shared memory (a
# multiprocessing.shared_memory block, a mapped file in /dev/shm) is allocated by the first read through a mapping, zeros and
# all, resident and charged. read(2) of the same file allocates nothing, so a look with a tool and a look with a pointer
# differ.
# Seen on Linux 6.18: 100 MiB read: private +0 MiB, shared +100; the file in /dev/shm has 0 blocks after read, 100 MiB after
# the mapping.
set -euo pipefail
uname -sr
python3 - <<'PY'
import mmap, os, tempfile
SIZE = 100 << 20
def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096 >> 20
def grown(mapped):
    before = resident()
    for offset in range(0, SIZE, 4096):
        mapped[offset]
    return resident() - before
private, shared = grown(mmap.mmap(-1, SIZE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)), grown(mmap.mmap(-1, SIZE))
with tempfile.TemporaryFile(dir="/dev/shm") as file:
    blocks = lambda: os.fstat(file.fileno()).st_blocks * 512 >> 20
    file.truncate(SIZE)
    while file.read(1 << 20):
        pass
    by_read = blocks()
    grown(mmap.mmap(file.fileno(), SIZE, access=mmap.ACCESS_READ))
    by_mapping = blocks()
print(f"{SIZE >> 20} MiB read: private +{private} MiB, shared +{shared}; /dev/shm holds {by_read} MiB after read, {by_mapping} after a mapping")
raise SystemExit(not (private < 5 and shared >= 95 and by_read == 0 and by_mapping >= 95))
PY
