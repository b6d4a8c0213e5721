#!/usr/bin/env bash
# Parquet has no type for a length of time. pyarrow, pandas and polars write one as a plain integer and its unit beside the
# schema, in a note that Arrow alone reads. DuckDB has the integers: one age of three seconds is 3, 3000, 3000000 or 3000000000,
# by the unit that the writer happened to have, and a filter age > 60 keeps or drops all of it. polars reads the note.
# Seen with pyarrow 26.0.1, polars 2.1.0, duckdb 2.0.1.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check pyarrow==26.0.1 polars==2.1.0 duckdb==2.0.1
venv/bin/python - <<'PY'
import datetime, duckdb, polars, pyarrow, pyarrow.parquet
age = datetime.timedelta(seconds=3)
units = {unit: pyarrow.array([age], pyarrow.duration(unit)) for unit in ("s", "ms", "us", "ns")}
pyarrow.parquet.write_table(pyarrow.table(units), "ages.parquet")
read = duckdb.sql("from 'ages.parquet'")
types, by_duckdb = {str(kind) for kind in read.types}, read.fetchall()[0]
by_polars = polars.read_parquet("ages.parquet").row(0)
print(f"an age of 3 seconds: DuckDB {by_duckdb} of type {types}; polars {[str(value) for value in by_polars]}")
raise SystemExit(not (types == {"BIGINT"} and by_duckdb == (3, 3000, 3 * 10**6, 3 * 10**9) and set(by_polars) == {age}))
PY
