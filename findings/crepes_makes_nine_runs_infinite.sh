#!/usr/bin/env bash
# A conformal interval of 90 % needs nine earlier runs: the largest of nine errors covers nine tenths. crepes takes 1 - 0.9, which
# is a little below 0.1, times the ten places and cuts the fraction off. Of nine runs the interval is infinite, with a warning that
# they are too few, and of 99 it is the 91st error for the 90th. For 0.7 or 0.95 it takes the right one.
# Seen with crepes 0.9.1: errors of 1 to 9: infinite; 1 to 99: 91; confidence 0.95 of 1 to 19: 19.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check crepes==0.9.1 numpy==2.4.6 scipy==1.17.1 scikit-learn==1.9.1
venv/bin/python - <<'PY'
import numpy
from crepes import ConformalRegressor
def bound(runs, confidence):
    model = ConformalRegressor()
    model.fit(residuals=numpy.arange(1.0, runs + 1))
    return float(model.predict_int(numpy.array([0.0]), confidence=confidence)[0, 1])
found = {(runs, confidence): bound(runs, confidence) for runs, confidence in ((9, 0.7), (19, 0.95), (9, 0.9), (99, 0.9))}
print("crepes 0.9.1, errors 1 to n, upper bound by n and confidence:", found)
raise SystemExit(found != {(9, 0.7): 7, (19, 0.95): 19, (9, 0.9): numpy.inf, (99, 0.9): 91})
PY
