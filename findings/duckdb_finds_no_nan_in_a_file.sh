#!/usr/bin/env bash
# A missing sample is often NaN. DuckDB orders it above all numbers, so max() is NaN and `x > 100` holds; of a Parquet file by
# pyarrow or polars the same query gives another answer, as it is taken from the file's statistics, which leave NaN out.
# Parquet's format says that a reader who looks for NaN must ignore them. A file by DuckDB has none for such a column, and is
# right.
# Seen with DuckDB 2.0.0, pyarrow 26.0.1: table and own file: 1 row, max nan; pyarrow's file: 0 rows, max 4.0.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check duckdb==2.0.0 pyarrow==26.0.1
venv/bin/python - <<'PY'
import duckdb, pyarrow, pyarrow.parquet
samples = pyarrow.table({"x": [1.0, 2.0, float("nan"), 4.0]})
pyarrow.parquet.write_table(samples, "arrow.parquet")
duckdb.sql("create table held as from samples")
duckdb.sql("copy held to 'duck.parquet'")
def figures(source):
    rows = duckdb.sql(f"select count(*) from {source} where x > 100").fetchall()[0][0]
    return rows, str(duckdb.sql(f"select max(x) from {source}").fetchall()[0][0])
table, own, arrow = map(figures, ("held", "'duck.parquet'", "'arrow.parquet'"))
print(f"DuckDB {duckdb.__version__}, rows above 100 and max: table {table}, its own file {own}, pyarrow's {arrow}")
raise SystemExit((table, own, arrow) != ((1, "nan"), (1, "nan"), (0, "4.0")))
PY
