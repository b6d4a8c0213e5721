#!/usr/bin/env bash
# malloc_trim(0) is documented to return 1 if memory was released to the system, else 0. glibc counts each free block that
# spans a page, also one whose pages went back at the last call: with holes in the heap it returns 1 each time, while RSS
# falls at the first only. So the result tells nothing of whether a trim helped; only the resident set does.
# Seen with glibc 2.36: returned 1 1 1 1, resident 204 MiB, then 113 113 113 113.
set -euo pipefail
ldd --version | sed -n 1p
python3 - <<'PY'
import ctypes
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096 >> 20
blocks = [libc.malloc(100_000) for _ in range(2000)]
for block in blocks:
    ctypes.memset(block, 1, 100_000)
for block in blocks[::2]:
    libc.free(block)
before = resident()
calls = [(libc.malloc_trim(0), resident()) for _ in range(4)]
print(f"resident {before} MiB; malloc_trim returned, and resident after it: {calls}")
raise SystemExit(not (before - calls[0][1] > 60 and all(returned == 1 and abs(size - calls[0][1]) < 3 for returned, size in calls)))
PY
