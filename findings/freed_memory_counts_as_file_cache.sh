#!/usr/bin/env bash
# Allocators (jemalloc, mimalloc, Go before 1.16) give memory back by MADV_FREE: it stays resident until the system needs it.
# The kernel moves such pages to the list that memory.stat calls inactive_file, documented as memory of file systems. The
# "working set" of Kubernetes and of docker stats is usage less inactive_file: it falls to nothing, while RSS, PSS and the
# group's usage are as before. So the three figures differ by all of the freed memory, and none of it is a file's.
# Seen on Linux 6.18, group of version 1: resident 313 MiB and usage 300 both times; usage less inactive_file 300, then 0.
set -euo pipefail
[ -d /sys/fs/cgroup/memory ] && group=/sys/fs/cgroup/memory/finding usage=memory.usage_in_bytes || { group=/sys/fs/cgroup/finding usage=memory.current; }
mkdir -p "$group" && trap 'sleep 0.5; rmdir "$group"' EXIT || { echo "needs root" >&2; exit 2; }
uname -sr
python3 - "$group" "$usage" <<'PY'
import mmap, pathlib, sys, time
group = pathlib.Path(sys.argv[1])
(group / "cgroup.procs").write_text("0")
def figures():
    time.sleep(1)
    rows = dict(line.split() for line in (group / "memory.stat").read_text().splitlines())
    resident = int(pathlib.Path("/proc/self/statm").read_text().split()[1]) * 4096 >> 20
    usage = int((group / sys.argv[2]).read_text())
    return resident, usage >> 20, usage - int(rows["inactive_file"]) >> 20
area = mmap.mmap(-1, 300 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
area.madvise(mmap.MADV_NOHUGEPAGE)
for offset in range(0, len(area), 4096):
    area[offset] = 1
written = figures()
area.madvise(mmap.MADV_FREE)
freed = figures()
print(f"resident, usage, usage less inactive_file: {written} MiB written, {freed} after MADV_FREE")
raise SystemExit(not (written[2] > 280 and freed[0] > 300 and freed[1] > 280 and freed[2] < 60))
PY
