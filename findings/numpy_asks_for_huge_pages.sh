#!/usr/bin/env bash
# np.zeros gives memory that the kernel fills page by page as it is written; but NumPy marks arrays of 4 MiB and more for huge
# pages, for speed, also where the system leaves that to the program (madvise, the usual setting). One number written in each
# 2 MiB then makes the whole array resident, and a sparse table costs what a full one does.
# Seen with NumPy 2.4.6 on Linux 6.18: 191 numbers written, +378 MiB; with NUMPY_MADVISE_HUGEPAGE=0 +1.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
grep -q '\[madvise\]' /sys/kernel/mm/transparent_hugepage/enabled || { echo "needs transparent huge pages by madvise" >&2; exit 2; }
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check numpy==2.4.6
cat > job.py <<'PY'
import numpy as np
def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096 >> 20
before = resident()
table = np.zeros(50_000_000)
table[::262_144] = 1
print(resident() - before)
PY
marked=$(venv/bin/python job.py) plain=$(NUMPY_MADVISE_HUGEPAGE=0 venv/bin/python job.py)
echo "NumPy 2.4.6: 191 numbers in an array of 381 MiB make it +$marked MiB resident, without huge pages +$plain"
[ "$marked" -gt 250 ] && [ "$plain" -lt 20 ]
