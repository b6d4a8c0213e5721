#!/usr/bin/env bash
# Ten rows of a large frame keep all of it in memory, and the frame's own figure does not say so: a few
# hundred bytes for 305 MiB. pandas lets go with copy(); polars keeps it through clone() and rechunk().
# Seen: pandas 3.1.1 says 292 bytes, polars 2.1.0 says 160.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check pandas==3.1.1 numpy==2.4.6 polars==2.1.0 psutil==7.2.2
venv/bin/python - <<'PY'
import time
import numpy as np, pandas as pd, polars as pl, psutil
def resident():
    time.sleep(3)  # polars gives back memory with a delay.
    return psutil.Process().memory_info().rss >> 20
columns = lambda: {"a": np.ones(20_000_000), "b": np.ones(20_000_000)}
before = resident()
rows = pd.DataFrame(columns()).iloc[:10]
of_pandas, said = resident() - before, rows.memory_usage(deep=True).sum()
rows = rows.copy()
copied = resident() - before
before = resident()
rows = pl.DataFrame(columns()).head(10)
of_polars, also_said = resident() - before, rows.estimated_size()
rows = rows.clone().rechunk()
rechunked = resident() - before
print(f"pandas: ten rows say {said} bytes, resident +{of_pandas} MiB, after copy() +{copied}")
print(f"polars: ten rows say {also_said} bytes, resident +{of_polars} MiB, after rechunk() +{rechunked}")
raise SystemExit(not (said < 2000 and of_pandas > 280 and copied < 60 and also_said < 2000 and of_polars > 280 and rechunked > 280))
PY
