#!/usr/bin/env bash
# polars' upsample makes a frame's times regular, "at a higher frequency" by its page, as if rows were added. A row whose time is not on the
# new grid is dropped: of samples at 0, 1.5 and 3 seconds with sizes of 100, 900 and 100 the one of 900 is gone, in favour of two empty ones
# that a filling makes 100. group_by_dynamic with max() keeps it.
# Seen with polars 2.1.0.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check polars==2.1.0
venv/bin/python -W error - <<'PY'
import datetime, polars
begin = datetime.datetime(2026, 11, 30)
samples = polars.DataFrame({"at": [begin + datetime.timedelta(seconds=second) for second in (0, 1.5, 3)], "mib": [100, 900, 100]})
upsampled = samples.upsample("at", every="1s")["mib"]
filled = upsampled.fill_null(strategy="forward").to_list()
grouped = samples.group_by_dynamic("at", every="1s").agg(polars.col("mib").max())["mib"].to_list()
print(f"polars {polars.__version__}: 100, 900, 100 to every second: {upsampled.to_list()}, filled {filled}; grouped {grouped}")
raise SystemExit(not (upsampled.to_list() == [100, None, None, 100] and max(grouped) == 900))
PY
