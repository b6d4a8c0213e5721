#!/usr/bin/env bash
# The kernel's khugepaged replaces 512 pages by a huge one wherever huge pages are allowed, also where a single one of the 512
# was ever written (max_ptes_none, 511). So the resident set of a process that does nothing but sleep rises, slowly and
# steadily, as if it leaked. Its page says that memory use can rise; not that a process at rest rises.
# Seen on Linux 6.18 with huge pages by madvise: 10 MiB, then 26 to 46 after five to forty seconds of sleep.
set -euo pipefail
uname -sr
grep -q '\[madvise\]' /sys/kernel/mm/transparent_hugepage/enabled || { echo "needs transparent huge pages by madvise" >&2; exit 2; }
python3 - <<'PY'
import mmap, time
def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096 >> 20
HUGE, EACH = 300, 2 << 20
held = mmap.mmap(-1, HUGE * EACH, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
for start in range(0, HUGE * EACH, EACH):
    held[start] = 1
before, waited = resident(), 0
held.madvise(mmap.MADV_HUGEPAGE)
while resident() < before + 15 and waited < 180:
    time.sleep(5)
    waited += 5
print(f"resident {before} MiB, after {waited} seconds of sleep {resident()}")
raise SystemExit(not resident() >= before + 15)
PY
