#!/usr/bin/env bash
# pymannkendall corrects the trend test for samples that depend on each other. A size that rises by 2 MB each second without any
# noise, the clearest leak there is, has "no trend" by three of its tests: Hamed and Rao's and Yue and Wang's give a p of NaN, the
# trend-free pre-whitening 1.0. Each of the results has the slope of 2. A size without noise is what a counter in pages gives.
# Seen with pymannkendall 1.4.3; the original test: increasing.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check pymannkendall==1.4.3 numpy==2.4.6 scipy==1.17.1
venv/bin/python -W ignore - <<'PY'
import pymannkendall
sizes = [100.0 + 2 * second for second in range(100)]
tests = ("original_test", "hamed_rao_modification_test", "yue_wang_modification_test", "trend_free_pre_whitening_modification_test")
found = {name: getattr(pymannkendall, name)(sizes) for name in tests}
for name, result in found.items():
    print(f"{name}: {result.trend}, p {result.p}, slope {result.slope}")
trends = [result.trend for result in found.values()]
raise SystemExit(not (trends == ["increasing"] + ["no trend"] * 3 and {result.slope for result in found.values()} == {2.0}))
PY
