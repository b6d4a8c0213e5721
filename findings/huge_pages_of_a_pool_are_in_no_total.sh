#!/usr/bin/env bash
# Memory from the pool of huge pages (MAP_HUGETLB, Java's UseLargePages, databases) is in neither the resident set of the process, its
# peak and ru_maxrss nor the usage of its group, so no limit of memory holds for it: a job of 100 MiB has 13 and 0. It is under
# HugetlbPages in status and Private_Hugetlb in smaps. The pool is not available to others even while nobody uses it.
# Seen on Linux 6.18, group of version 1; of version 2 the mount option memory_hugetlb_accounting charges it.
set -euo pipefail
pool=/proc/sys/vm/nr_hugepages
[ -w "$pool" ] || { echo "needs root" >&2; exit 2; }
[ -d /sys/fs/cgroup/memory ] && group=/sys/fs/cgroup/memory/finding usage=memory.usage_in_bytes || { group=/sys/fs/cgroup/finding usage=memory.current; }
grep -q memory_hugetlb_accounting /proc/mounts && { echo "needs groups without memory_hugetlb_accounting" >&2; exit 2; }
mkdir -p "$group" 2> /dev/null || { echo "needs root" >&2; exit 2; }
pages=$(cat "$pool") && trap 'echo "$pages" > "$pool"; sleep 0.5; rmdir "$group"' EXIT
echo $((pages + 50)) > "$pool"
[ "$(awk '/HugePages_Free/ { print $2 }' /proc/meminfo)" -ge 50 ] || { echo "needs 100 MiB of huge pages" >&2; exit 2; }
uname -sr
python3 - "$group" "$usage" <<'PY'
import mmap, pathlib, resource, sys
group = pathlib.Path(sys.argv[1])
(group / "cgroup.procs").write_text("0")
MAP_HUGETLB, SIZE, HUGE = 0x40000, 100 << 20, 2 << 20
held = mmap.mmap(-1, SIZE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | MAP_HUGETLB)
for page in range(0, SIZE, HUGE):
    held[page] = 1
rows = dict(line.split(":\t") for line in pathlib.Path("/proc/self/status").read_text().splitlines())
resident, peak, huge = (int(rows[name].split()[0]) >> 10 for name in ("VmRSS", "VmHWM", "HugetlbPages"))
largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
charged = int((group / sys.argv[2]).read_text()) >> 20
print(f"in MiB: HugetlbPages {huge}, VmRSS {resident}, VmHWM {peak}, ru_maxrss {largest}, usage of the group {charged}")
raise SystemExit(not (huge == 100 and resident < 40 and peak < 40 and largest < 40 and charged < 40))
PY
