#!/usr/bin/env bash
# Where the kernel merges equal pages (KSM, by madvise or for a whole service), 200 MiB become one page. The group is charged for
# that: its usage falls from 200 to 1 MiB. The resident set of the process and its ru_maxrss stay at 213, so a process is a
# hundred times its group, and a sum over processes counts memory that is free. PSS has it right.
# Seen on Linux 6.18, group of version 1.
set -euo pipefail
[ -w /sys/kernel/mm/ksm/run ] || { echo "needs root and a kernel with KSM" >&2; exit 2; }
[ -d /sys/fs/cgroup/memory ] && group=/sys/fs/cgroup/memory/finding usage=memory.usage_in_bytes || { group=/sys/fs/cgroup/finding usage=memory.current; }
mkdir -p "$group" 2> /dev/null || { echo "needs root" >&2; exit 2; }
cd /sys/kernel/mm/ksm && run=$(cat run) scan=$(cat pages_to_scan)
trap 'echo "$scan" > pages_to_scan; echo "$run" > run; sleep 0.5; rmdir "$group"' EXIT
echo 20000 > pages_to_scan && echo 1 > run
uname -sr
python3 - "$group" "$usage" <<'PY'
import mmap, pathlib, resource, sys, time
group = pathlib.Path(sys.argv[1])
(group / "cgroup.procs").write_text("0")
def figures():
    rows = dict(line.split(":") for line in pathlib.Path("/proc/self/smaps_rollup").read_text().splitlines()[1:])
    charged = int((group / sys.argv[2]).read_text()) >> 20
    return [int(rows[name].split()[0]) >> 10 for name in ("Rss", "Pss")] + [charged]
SIZE = 200 << 20
held = mmap.mmap(-1, SIZE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
held.madvise(mmap.MADV_NOHUGEPAGE)
for page in range(0, SIZE, 4096):
    held[page : page + 4] = b"same"
before = figures()
held.madvise(mmap.MADV_MERGEABLE)
for _ in range(120):
    time.sleep(0.5)
    after = figures()
    if after[2] < 20:
        break
largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
print("RSS, PSS, usage of the group in MiB:", *before, "and merged", *after, f"ru_maxrss {largest}")
raise SystemExit(not (before[0] >= 200 and before[2] >= 195 and after[0] >= 200 and after[1] < 50 and after[2] < 20))
PY
