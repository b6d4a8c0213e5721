#!/usr/bin/env bash
# ADWIN finds where a stream changes, and its one setting, delta, is how sure it must be. river's has a term that does not grow with the
# values: the same job, a step from 100 to 110 MiB under noise of 1 MiB, has a change 24 samples later in KiB and in MiB,
# and none at all, in a thousand samples, in GiB. Small units are the way out.
# Seen with river 0.26.1.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check river==0.26.1
venv/bin/python - <<'PY'
import random
from river import drift
random.seed(1)
mebibytes = [size + random.gauss(0, 1) for size in [100] * 1000 + [110] * 1000]
found = {}
for unit, scale in (("KiB", 1024), ("MiB", 1), ("GiB", 1 / 1024)):
    detector = drift.ADWIN()
    found[unit] = []
    for at, size in enumerate(mebibytes):
        detector.update(size * scale)
        if detector.drift_detected:
            found[unit].append(at)
print("river 0.26.1, a step at 1000, changes found at:", found)
raise SystemExit(not (found["KiB"] == found["MiB"] and 1000 <= found["MiB"][0] < 1050 and found["GiB"] == []))
PY
