#!/usr/bin/env bash
# DuckDB's readers of JSON and CSV take a column's type from the first 20,480 rows. A column that was whole until then (a CPU
# share of 0, a size in MB at rest) is an integer, and fractions that come later are rounded to it, without an error or a
# warning: 0.6 is 1, 0.4 is 0. polars refuses such a file, pyarrow's JSON reader keeps the fractions.
# Seen with DuckDB 2.0.0, both formats: 20,000 rows before: 0.4 and 0.6; 20,480 rows before: 0 and 1.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check duckdb==2.0.0
venv/bin/python - <<'PY'
import pathlib
import duckdb
def last(rows, name, head, row):
    pathlib.Path(name).write_text(head + "".join(row % value for value in ["0"] * rows + ["0.4", "0.6"]))
    return [values[0] for values in duckdb.sql(f"from '{name}'").fetchall()[-2:]]
def both(rows):
    return [last(rows, "job.jsonl", "", '{"cpu": %s}\n'), last(rows, "job.csv", "cpu,job\n", "%s,a\n")]
short, long = both(20_000), both(20_480)
print(f"DuckDB {duckdb.__version__}, JSON and CSV: {short} after 20,000 rows of 0, {long} after 20,480")
raise SystemExit(not (short == [[0.4, 0.6]] * 2 and long == [[0, 1]] * 2))
PY
