#!/usr/bin/env bash
# runstats' ExponentialStatistics are a mean and a variance in which old samples fade. Both begin at 0 unless told otherwise, as if
# a sample of 0 had come first: after twenty equal samples of 300 MB the mean is 264 and the standard deviation 98; with a decay
# of 0.9 it takes 65 samples until it is below 10. pandas' ewm, which fades too, has a mean of 300 from the first on.
# Seen with runstats 2.0.0: 263.5 and 98.0.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check runstats==2.0.0
venv/bin/python - <<'PY'
from runstats import ExponentialStatistics
def figures(samples):
    statistics = ExponentialStatistics(decay=0.9, iterable=[300.0] * samples)
    return round(statistics.mean(), 1), round(statistics.stddev(), 1)
first = next(samples for samples in range(1, 1000) if figures(samples)[1] < 10)
print(f"mean and deviation of 1, 20 and 50 samples of 300: {figures(1)}, {figures(20)}, {figures(50)}; below 10 from {first} samples on")
raise SystemExit(not (figures(20) == (263.5, 98.0) and figures(1)[0] == 30.0 and first > 50))
PY
