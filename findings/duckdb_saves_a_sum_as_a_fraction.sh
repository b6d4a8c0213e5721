#!/usr/bin/env bash
# DuckDB sums 64-bit integers in 128 bits, so that they cannot overflow. Written to Parquet, or taken as a pandas frame, the sum
# becomes a double, and what is above 2**53 is rounded: byte-seconds in nanoseconds, or the bytes of a cluster. JSON, Arrow and
# polars get the exact number from the same query. No warning; a cast to bigint is the way out.
# Seen with DuckDB 2.0.0: 9007199254740993 comes back as 9007199254740992.0 from both.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check duckdb==2.0.0 pyarrow==26.0.1 pandas==3.1.1 numpy==2.4.6
venv/bin/python - <<'PY'
import json, duckdb
query = "select sum(bytes) as total from (values (9007199254740992), (1)) as samples(bytes)"
duckdb.sql(f"copy ({query}) to 'sum.parquet'")
duckdb.sql(f"copy ({query}) to 'sum.json'")
with open("sum.json") as file:
    by_json = json.load(file)["total"]
exact = duckdb.sql(query).fetchall()[0][0], int(duckdb.sql(query).to_arrow_table()["total"][0].as_py()), by_json
rounded = duckdb.sql("from 'sum.parquet'").fetchall()[0][0], float(duckdb.sql(query).df()["total"][0])
print(f"DuckDB {duckdb.__version__}: query, Arrow and JSON {exact}; Parquet and pandas {rounded}")
raise SystemExit(not (exact == (2**53 + 1,) * 3 and rounded == (2.0**53,) * 2 and isinstance(rounded[0], float)))
PY
