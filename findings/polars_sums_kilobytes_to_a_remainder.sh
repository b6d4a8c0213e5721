#!/usr/bin/env bash
# polars widens 8- and 16-bit integers before it sums them, "to prevent overflow issues", says its page; 32-bit ones it does
# not, and their sum is the remainder by 2**32, in group_by and in its SQL too. The kernel gives sizes in kB, which fit such a
# column up to 4 TB, and the sum of 2000 samples of 3 GB does not. mean() is right. pyarrow and DuckDB give the sum.
# Seen with polars 2.1.0, pyarrow 26.0.1, DuckDB 2.0.0: 1705032704 for 6000000000.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check polars==2.1.0 pyarrow==26.0.1 duckdb==2.0.0
venv/bin/python - <<'PY'
import duckdb, polars, pyarrow, pyarrow.compute
samples = pyarrow.table({"rss": pyarrow.array([3_000_000] * 2000, pyarrow.uint32())})
frame = polars.from_arrow(samples)
by_polars = frame["rss"].sum(), polars.SQLContext(frame=frame).execute("select sum(rss) from frame").collect()[0, 0]
by_others = pyarrow.compute.sum(samples["rss"]).as_py(), duckdb.sql("select sum(rss) from samples").fetchall()[0][0]
print(f"polars {by_polars}, pyarrow and DuckDB {by_others}, polars' mean {frame['rss'].mean()}")
raise SystemExit((by_polars, by_others) != ((6_000_000_000 - 2**32,) * 2, (6_000_000_000,) * 2))
PY
