#!/usr/bin/env bash
# A job that writes one page in each 2 MiB of a large mapping needs a page of page table for each. These are in no RSS and no
# PSS; status has them apart, as VmPTE; the group of the job is charged for them. 100 GiB touched so are 200 MiB resident and
# 400 MiB against the limit. Hash tables on disk and sparse matrices in mapped files come near it.
# Seen on Linux 6.18, group of version 1: RSS +200 MiB, PSS +200, VmPTE 200, usage of the group +400.
set -euo pipefail
[ -d /sys/fs/cgroup/memory ] && group=/sys/fs/cgroup/memory/finding usage=memory.usage_in_bytes || { group=/sys/fs/cgroup/finding usage=memory.current; }
mkdir -p "$group" && trap 'sleep 0.5; rmdir "$group"' EXIT || { echo "needs root" >&2; exit 2; }
uname -sr
python3 - "$group" "$usage" <<'PY'
import mmap, pathlib, sys
group = pathlib.Path(sys.argv[1])
(group / "cgroup.procs").write_text("0")
def field(file, name):
    line = next(line for line in pathlib.Path("/proc/self", file).read_text().splitlines() if line.startswith(name + ":"))
    return int(line.split()[1]) >> 10
def figures():
    charged = int((group / sys.argv[2]).read_text()) >> 20
    return field("smaps_rollup", "Rss"), field("smaps_rollup", "Pss"), field("status", "VmPTE"), charged
MAP_NORESERVE = 0x4000
before = figures()
mapped = mmap.mmap(-1, 100 << 30, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | MAP_NORESERVE)
for offset in range(0, len(mapped), 2 << 20):
    mapped[offset] = 1
rss, pss, tables, charged = (now - first for now, first in zip(figures(), before))
print(f"RSS +{rss} MiB, PSS +{pss}, VmPTE +{tables}, usage of the group +{charged}")
raise SystemExit(not (rss < 220 and pss < 220 and tables >= 190 and charged >= 380))
PY
