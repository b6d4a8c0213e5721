#!/usr/bin/env bash
# Records are kept in folders like run=4e10, where the value is the start of a hash. polars and fastparquet read the column
# back from the folder's name and take it for a number in scientific notation; 7a2b stays text. So the type depends on
# which runs are there, and 4e10 and 40e9 are one. pyarrow and DuckDB give text; pyarrow makes an integer of 001.
# Seen with polars 2.1.0, fastparquet 2026.9.0, pyarrow 26.0.1, DuckDB 2.0.0: 40000000000.0 twice, '4e10' twice.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check polars==2.1.0 fastparquet==2026.9.0 pandas==3.1.1 numpy==2.4.6 pyarrow==26.0.1 duckdb==2.0.0
venv/bin/python - <<'PY'
import pathlib
import duckdb, fastparquet, polars, pyarrow, pyarrow.dataset, pyarrow.parquet
found = {}
for run in ("7a2b", "4e10"):
    file = pathlib.Path(f"records-{run}/run={run}/job.parquet")
    file.parent.mkdir(parents=True)
    pyarrow.parquet.write_table(pyarrow.table({"rss": [1]}), file)
    found[run] = (
        polars.read_parquet(f"records-{run}/**/*.parquet", hive_partitioning=True)["run"][0],
        fastparquet.ParquetFile(f"records-{run}").to_pandas()["run"].iloc[0],
        pyarrow.dataset.dataset(f"records-{run}", partitioning="hive").to_table()["run"][0].as_py(),
        duckdb.sql(f"select run from read_parquet('records-{run}/**/*.parquet', hive_partitioning = true)").fetchall()[0][0],
    )
print("polars, fastparquet, pyarrow, DuckDB:", {run: [str(value) for value in values] for run, values in found.items()})
raise SystemExit(not (found["7a2b"] == ("7a2b",) * 4 and found["4e10"] == (4e10, 4e10, "4e10", "4e10")))
PY
