#!/usr/bin/env bash
# 18446744073709551615 is the word for "no limit" in many records of memory. polars reads it from JSON lines as Int128, and writes that
# column to Parquet without a word as sixteen bytes with a mark of its own: DuckDB reads a BLOB, pyarrow refuses the whole
# file, to_pandas and to_arrow fail. One such line changes the type of all the others. pandas reads unsigned 64-bit.
# Seen with polars 2.1.0, pyarrow 26.0.1, DuckDB 2.0.0.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check polars==2.1.0 pyarrow==26.0.1 duckdb==2.0.0
printf '%s\n' '{"limit": 500000000}' '{"limit": 18446744073709551615}' > jobs.json
venv/bin/python - <<'PY'
import duckdb, polars, pyarrow, pyarrow.parquet
frame = polars.read_ndjson("jobs.json")
frame.write_parquet("jobs.parquet")
own = polars.read_parquet("jobs.parquet")["limit"].to_list()
by_duckdb = duckdb.sql("select typeof(\"limit\") from 'jobs.parquet'").fetchall()[0][0]
def refusal(read):
    try:
        read()
    except Exception as error:
        return type(error).__name__
by_pyarrow, to_arrow = refusal(lambda: pyarrow.parquet.read_table("jobs.parquet")), refusal(frame.to_arrow)
print(f"read as {frame.schema['limit']}; its Parquet: polars {own}, DuckDB {by_duckdb}, pyarrow {by_pyarrow}; to_arrow {to_arrow}")
raise SystemExit(not (frame.schema["limit"] == polars.Int128 and own[1] == 2**64 - 1 and by_duckdb == "BLOB" and by_pyarrow and to_arrow))
PY
