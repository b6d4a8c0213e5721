#!/usr/bin/env bash
# nonconformist makes intervals from past errors; with significance 0.05 at most 5 % of new runs shall be outside. Nine errors can
# promise 90 % and no more. Asked for 95 or 99 it gives the interval of 90, the largest error to each side, without a warning: a
# limit that one run in ten breaks instead of one in a hundred. crepes makes such an interval infinite.
# Seen with nonconformist 2.1.0, 5000 times nine runs with normal noise: 90 % inside for all three.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check nonconformist==2.1.0 numpy==2.4.6 scikit-learn==1.9.1 scipy==1.17.1
venv/bin/python -W ignore - <<'PY'
import numpy
from nonconformist.base import RegressorAdapter
from nonconformist.icp import IcpRegressor
from nonconformist.nc import AbsErrorErrFunc, RegressorNc
class Usual:
    def fit(self, jobs, peaks):
        pass
    def predict(self, jobs):
        return numpy.full(len(jobs), 300.0)
random = numpy.random.default_rng(0)
inside = {0.1: 0, 0.05: 0, 0.01: 0}
for _ in range(5000):
    model = IcpRegressor(RegressorNc(RegressorAdapter(Usual()), AbsErrorErrFunc()))
    model.calibrate(numpy.zeros((9, 1)), random.normal(300, 10, 9))
    peak = random.normal(300, 10)
    for significance in inside:
        low, high = model.predict(numpy.zeros((1, 1)), significance)[0]
        inside[significance] += low <= peak <= high
shares = {f"{100 - 100 * significance:.0f} %": round(count / 50) for significance, count in inside.items()}
print(f"from nine runs, promised and inside in percent: {shares}")
raise SystemExit(set(shares.values()) != {90})
PY
