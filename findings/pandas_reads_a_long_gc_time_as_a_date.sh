#!/usr/bin/env bash
# pandas.read_json takes a column for dates by its name: one that ends in _time or _at, begins with timestamp, or is called date
# or modified. It does so only where all values are a year of seconds or more. A counter gc_time is a number in a short recording
# and 1971-04-08 in a long one, and peak_rss_at of 300 MB is 1979-07-05. dtype=False keeps them.
# Seen with pandas 3.1.1.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check pandas==3.1.1 numpy==2.4.6
venv/bin/python - <<'PY'
import io, json, pandas
def read(*gc_times, **options):
    return pandas.read_json(io.StringIO(json.dumps([{"pid": 1, "gc_time": time} for time in gc_times])), **options)["gc_time"].tolist()
short, long, kept = read(20_000_000, 40_000_000), read(32_000_000, 40_000_000), read(32_000_000, 40_000_000, dtype=False)
print(f"gc_time of 20 and 40 million: {short}; of 32 and 40 million: {[str(time) for time in long]}; with dtype=False {kept}")
raise SystemExit(not (short == [20_000_000, 40_000_000] and str(long[1]) == "1971-04-08 23:06:40" and kept == [32_000_000, 40_000_000]))
PY
