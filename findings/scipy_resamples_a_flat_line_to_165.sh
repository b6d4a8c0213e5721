#!/usr/bin/env bash
# SciPy brings a signal to fewer samples by filters made for sound, where what is outside of the recording is silence. A size of 300 all the time is
# 165 at first, then 326, by resample_poly; resample makes 953 of a largest size of 900, and 247 of a smallest of 300; decimate
# has 347 where one sample of 900 was. padtype="line" keeps the flat line.
# Seen with SciPy 1.17.1.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check scipy==1.17.1 numpy==2.4.6
venv/bin/python -W error - <<'PY'
import numpy, scipy, scipy.signal as signal
flat, step = numpy.full(100, 300.0), numpy.repeat([300.0, 900.0], 50)
peak = flat.copy()
peak[50] = 900
first, second = signal.resample_poly(flat, 1, 10)[:2]
kept = signal.resample_poly(flat, 1, 10, padtype="line")
resampled, decimated = signal.resample(step, 20), signal.decimate(peak, 10)
print(f"scipy {scipy.__version__}: 300 flat by resample_poly: {first:.0f}, {second:.0f}, with padtype line {kept.min():.0f} to {kept.max():.0f};",
      f"300 and 900 by resample: {resampled.min():.0f} to {resampled.max():.0f}; a peak of 900 by decimate: {decimated.max():.0f}")
raise SystemExit(not (first < 200 and second > 310 and abs(kept - 300).max() < 1 and resampled.max() > 940 and resampled.min() < 260 and decimated.max() < 400))
PY
