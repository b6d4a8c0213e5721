#!/usr/bin/env bash
# SciPy fits a line by minimize or least_squares from a start of 0 and 0. With sizes in GB the slope is 2. In bytes both say that they "terminated
# successfully", at the start, after no step: they try how the error changes over a hundred-millionth of a byte, beside
# errors of 10^19, and see no change. A fit of a job's growth is a slope of 0, and success is True.
# Seen with SciPy 1.17.1.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check scipy==1.17.1 numpy==2.4.6
venv/bin/python -W error - <<'PY'
import numpy, scipy
from scipy.optimize import least_squares, minimize
time = numpy.arange(1.0, 41)
def fitted(unit):
    sizes = (2 * time + 1) * unit
    def off(line):
        return line[0] * time + line[1] - sizes
    results = minimize(lambda line: (off(line) ** 2).sum(), [0, 0]), least_squares(off, [0, 0], loss="soft_l1")
    return [(round(float(result.x[0] / unit), 3), bool(result.success)) for result in results]
gigabytes, in_bytes = fitted(1), fitted(1e9)
print(f"scipy {scipy.__version__}, slope and success by minimize and least_squares: in GB {gigabytes}, in bytes {in_bytes}")
raise SystemExit(not (gigabytes == [(2, True)] * 2 and in_bytes == [(0, True)] * 2))
PY
