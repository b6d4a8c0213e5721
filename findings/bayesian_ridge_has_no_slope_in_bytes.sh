#!/usr/bin/env bash
# A job needs 2 GB for each GB of input and 1 more: 40 jobs, without any noise, and the question is what 80 GB of input need. scikit-learn's
# BayesianRidge and ARDRegression say 161 GB, if the sizes are in GB or MB. In kB or bytes they say 42, the mean of what they saw, for any input, with
# an R2 of 0; HuberRegressor does in bytes. None of them warns. LinearRegression has 161 in all units.
# Seen with scikit-learn 1.9.1.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check scikit-learn==1.9.1 numpy==2.4.6 scipy==1.17.1
venv/bin/python -W error - <<'PY'
import numpy, sklearn
from sklearn.linear_model import ARDRegression, BayesianRidge, HuberRegressor, LinearRegression
inputs = numpy.arange(1.0, 41)[:, None]
needed = 2 * inputs[:, 0] + 1
units = {"GB": 1, "MB": 1e3, "kB": 1e6, "B": 1e9}
answers = {
    model.__name__: {name: round(model().fit(inputs, needed * unit).predict([[80.0]])[0] / unit) for name, unit in units.items()}
    for model in (BayesianRidge, ARDRegression, HuberRegressor, LinearRegression)
}
print(f"scikit-learn {sklearn.__version__}, GB for 80 GB of input, by the unit of the sizes:", *answers.items())
bayes, huber, line = answers["BayesianRidge"], answers["HuberRegressor"], answers["LinearRegression"]
raise SystemExit(not (list(bayes.values()) == [161, 161, 42, 42] == list(answers["ARDRegression"].values()) and list(huber.values()) == [161, 161, 161, 42] and set(line.values()) == {161}))
PY
