#!/usr/bin/env bash
# MADV_DONTNEED on 511 of the 512 pages in each huge page takes them out of RSS and PSS at once. The memory is not free: a
# huge page is split only when the system runs short, and until then its group is charged for all of it. An allocator that
# gives back such pieces leaves a process of 12 MiB in a group of 400, close to its limit.
# Seen on Linux 6.18, group of version 1: RSS 409 then 12 MiB, PSS 406 then 9, usage 401 before and after.
set -euo pipefail
grep -q '\[never\]' /sys/kernel/mm/transparent_hugepage/enabled && { echo "needs transparent huge pages" >&2; exit 2; }
[ -d /sys/fs/cgroup/memory ] && group=/sys/fs/cgroup/memory/finding usage=memory.usage_in_bytes || { group=/sys/fs/cgroup/finding usage=memory.current; }
mkdir -p "$group" && trap 'sleep 0.5; rmdir "$group"' EXIT || { echo "needs root" >&2; exit 2; }
uname -sr
python3 - "$group" "$usage" <<'PY'
import ctypes, mmap, pathlib, sys
group = pathlib.Path(sys.argv[1])
(group / "cgroup.procs").write_text("0")
def figures():
    rows = dict(line.split(":") for line in pathlib.Path("/proc/self/smaps_rollup").read_text().splitlines()[1:])
    charged = int((group / sys.argv[2]).read_text()) >> 20
    return [int(rows[name].split()[0]) >> 10 for name in ("Rss", "Pss")] + [charged]
HUGE, COUNT = 2 << 20, 200
held = mmap.mmap(-1, (COUNT + 1) * HUGE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
held.madvise(mmap.MADV_HUGEPAGE)
start = ctypes.addressof(ctypes.c_char.from_buffer(held))
gap = -start % HUGE
for page in range(gap, gap + COUNT * HUGE, HUGE):
    held[page] = 1
before = figures()
for page in range(gap, gap + COUNT * HUGE, HUGE):
    held.madvise(mmap.MADV_DONTNEED, page + 4096, HUGE - 4096)
after = figures()
print("RSS, PSS, usage of the group in MiB:", *before, "and", *after)
raise SystemExit(not (before[0] >= 400 and after[0] < 50 and after[1] < 50 and after[2] >= 390))
PY
