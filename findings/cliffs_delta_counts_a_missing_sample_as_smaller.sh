#!/usr/bin/env bash
# Cliff's delta tells by how much one group of sizes is above another, from -1 to 1. cliffs-delta sorts the samples and compares them in that
# order, and a NaN, for a job whose peak is missing, counts as smaller than all it meets: two peaks of 900 and three missing ones
# against five of 300 have a delta of -0.2, "small", though every peak there is has trebled; without the missing ones it is 1.
# Seen with cliffs-delta 1.0.0.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check cliffs-delta==1.0.0
venv/bin/python - <<'PY'
from cliffs_delta import cliffs_delta
before, nan = 5 * [300.0], float("nan")
missing, present = cliffs_delta([nan, nan, nan, 900.0, 900.0], before), cliffs_delta([900.0, 900.0], before)
print(f"900 and 900 against five of 300: {present}; with three missing: {missing}")
raise SystemExit(not (missing[0] < 0 and present == (1.0, "large")))
PY
