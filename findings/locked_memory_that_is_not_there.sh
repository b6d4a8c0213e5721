#!/usr/bin/env bash
# VmLck of /proc/PID/status is what a process keeps from being swapped out. With MLOCK_ONFAULT, for large sparse areas, pages are locked when
# they are first used, but VmLck and the limit (ulimit -l) have the whole area at once: 2 GiB locked in a process of 9 MiB. Locked
# of smaps has what is locked indeed.
# Seen on Linux 6.18: VmLck 2048 MiB, VmRSS 9, Locked 0.
set -euo pipefail
uname -sr
[ "$(id -u)" = 0 ] || { echo "needs root, or a limit on locked memory of 2 GiB" >&2; exit 2; }
python3 - <<'PY'
import ctypes, mmap
size, MLOCK_ONFAULT = 2 << 30, 1
area = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
start = ctypes.addressof(ctypes.c_char.from_buffer(area))
if ctypes.CDLL(None).mlock2(ctypes.c_void_p(start), ctypes.c_size_t(size), MLOCK_ONFAULT):
    raise SystemExit("mlock2 was refused")
def mebibytes(file, name):
    with open(f"/proc/self/{file}") as lines:
        return next(int(line.split()[1]) >> 10 for line in lines if line.startswith(name + ":"))
locked, resident, there = mebibytes("status", "VmLck"), mebibytes("status", "VmRSS"), mebibytes("smaps_rollup", "Locked")
print(f"2 GiB of which nothing is used: VmLck {locked} MiB, VmRSS {resident}, Locked {there}")
raise SystemExit(not (locked >= 2048 and resident < 30 and there < 10))
PY
