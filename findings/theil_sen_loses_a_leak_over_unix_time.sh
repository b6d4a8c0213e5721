#!/usr/bin/env bash
# scikit-learn's TheilSenRegressor is a slope that bears outliers. Over unix time in seconds it gives a leak of 2 MB a second a slope
# of 1.8 bytes, without a warning; over seconds from the start it has the 2 MB. The least squares of statsmodels (OLS with add_constant)
# have the same 1.8 there. LinearRegression and SciPy's theilslopes are right over both.
# Seen with scikit-learn 1.9.1, SciPy 1.17.1, statsmodels 0.14.6.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check scikit-learn==1.9.1 numpy==2.4.6 scipy==1.17.1 statsmodels==0.14.6
venv/bin/python - <<'PY'
import random, warnings
import numpy
import scipy.stats
import statsmodels.api as models
from sklearn.linear_model import LinearRegression, TheilSenRegressor
random.seed(1)
seconds = numpy.arange(200.0)
sizes = 3e9 + 2e6 * seconds + [random.gauss(0, 1e5) for _ in seconds]
found = {}
with warnings.catch_warnings(record=True) as told:
    warnings.simplefilter("always")
    times = seconds, 1764480000 + seconds
    for model in (LinearRegression(), TheilSenRegressor(random_state=0)):
        found[type(model).__name__] = [model.fit(time[:, None], sizes).coef_[0] for time in times]
    found["OLS"] = [models.OLS(sizes, models.add_constant(time)).fit().params[1] for time in times]
    found["theilslopes"] = [scipy.stats.theilslopes(sizes, time).slope for time in times]
print("slope over seconds from the start and over unix time:", {name: [round(float(slope), 2) for slope in slopes] for name, slopes in found.items()})
print("warnings:", [str(warning.message) for warning in told])
right = lambda slope: abs(slope - 2e6) < 1e3
lost = [found.pop(name) for name in ("TheilSenRegressor", "OLS")]
raise SystemExit(not (all(right(start) and unix < 10 for start, unix in lost) and not told and all(right(slope) for slopes in found.values() for slope in slopes)))
PY
