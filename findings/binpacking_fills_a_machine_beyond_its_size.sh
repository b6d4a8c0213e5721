#!/usr/bin/env bash
# PyPI's binpacking puts jobs into bins of a largest volume. A job that is larger than a bin gets one for itself, as if it fitted:
# 12 GB run on a machine of 10, without an error or a warning. prtpy, which does the same work, refuses.
# Seen with binpacking 2.0.1, prtpy 0.8.3.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check binpacking==2.0.1 prtpy==0.8.3 numpy==2.4.6
venv/bin/python -W error - <<'PY'
import binpacking, prtpy
jobs = [3, 12, 4, 5, 2]
bins = binpacking.to_constant_volume(jobs, 10)
try:
    other = prtpy.pack(algorithm=prtpy.packing.first_fit, binsize=10, items=jobs)
except ValueError as error:
    other = error
print(f"jobs of {jobs} GB on machines of 10: binpacking {bins}, prtpy: {other}")
raise SystemExit(not ([12] in bins and isinstance(other, ValueError)))
PY
