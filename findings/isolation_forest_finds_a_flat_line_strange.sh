#!/usr/bin/env bash
# scikit-learn's IsolationForest marks the samples that are unlike the others with -1. A recording that rests at 300 MiB, 500 samples that are all
# alike, has 500 of them; of 100 there are none. All of them have the same score, a rounding error below the threshold of 0.
# No warning comes; one sample of 900 among them, and it alone is marked.
# Seen with scikit-learn 1.9.1.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check scikit-learn==1.9.1 numpy==2.4.6 scipy==1.17.1
venv/bin/python -W error - <<'PY'
import numpy, sklearn
from sklearn.ensemble import IsolationForest
def marked(sizes):
    return int((IsolationForest(random_state=0).fit_predict(numpy.array(sizes)[:, None]) == -1).sum())
flat = {samples: marked([300.0] * samples) for samples in (100, 500, 5000)}
peak = marked([300.0] * 500 + [900.0])
print(f"scikit-learn {sklearn.__version__}, samples of 300 and how many of them are marked: {flat}; of 500 and one of 900: {peak}")
raise SystemExit(not (flat[500] == 500 and flat[5000] == 5000 and peak == 1))
PY
