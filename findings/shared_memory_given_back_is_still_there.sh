#!/usr/bin/env bash
# MADV_DONTNEED gives memory back to the kernel; Python's mmap(-1, size) has it as madvise, and is shared memory unless another flag is
# asked for. There it takes the pages out of the process only: the resident set falls by 100 MiB, Shmem of the machine and the usage of
# the group stay, and the first byte is read as it was. Private memory is free then and reads as 0.
# Seen with Linux 6.18, Python 3.11: resident 114 to 14 MiB, Shmem +100 and +100.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
cat > job.py <<'PY'
import mmap, os
def figures():
    with open("/proc/self/statm") as pages, open("/proc/meminfo") as lines:
        shared = next(int(line.split()[1]) for line in lines if line.startswith("Shmem:"))
        return int(pages.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") >> 20, shared >> 10
def given_back(flags):
    start = figures()
    memory = mmap.mmap(-1, 100 << 20, flags=flags)
    memory.write(b"x" * (100 << 20))
    held = figures()
    memory.madvise(mmap.MADV_DONTNEED)
    after = figures()
    return held[0] - start[0], after[0] - start[0], held[1] - start[1], after[1] - start[1], memory[0]
shared, private = given_back(mmap.MAP_SHARED), given_back(mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
print(f"resident held and given back, Shmem held and given back, first byte: shared {shared}, private {private}")
raise SystemExit(not (shared[0] >= 95 and shared[1] < 10 and shared[3] > 80 and shared[4] == ord("x") and private[1] < 10 and private[4] == 0))
PY
python3 job.py
