#!/usr/bin/env bash
# "No limit" is often written as 18446744073709551615. One such sample in a series, and the moving standard deviation of
# bottleneck is 0 for all windows after it, however far away, for its running sums keep what the large number rounded off. xarray
# uses bottleneck where it is installed, so the same code has a spread of 12,401 on one machine and 0 on another. pandas and
# polars are right.
# Seen with bottleneck 1.6.0, xarray 2026.9.0, pandas 3.1.1, polars 2.1.0, 170 samples after it in windows of 10.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check bottleneck==1.6.0 xarray==2026.9.0 pandas==3.1.1 polars==2.1.0 numpy==2.4.6
venv/bin/python - <<'PY'
import numpy, pandas, polars, xarray
samples = 3e8 + 4096.0 * numpy.arange(200)
samples[20] = 18446744073709551615
def by_xarray(use_bottleneck):
    with xarray.set_options(use_bottleneck=use_bottleneck):
        return float(xarray.DataArray(samples, dims="time").rolling(time=10).std(ddof=1)[-1])
found = [by_xarray(True), by_xarray(False), pandas.Series(samples).rolling(10).std().iloc[-1], polars.Series(samples).rolling_std(10)[-1]]
found = [round(spread) for spread in found]
print("spread of the last ten samples: xarray {} with bottleneck, {} without; pandas {}; polars {}".format(*found))
raise SystemExit(found != [0, 12401, 12401, 12401])
PY
