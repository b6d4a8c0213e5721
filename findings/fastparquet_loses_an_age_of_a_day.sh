#!/usr/bin/env bash
# Parquet has a time of day and no length of time. fastparquet writes a pandas Timedelta, an age for example, as a time of day,
# and one of 25 hours is outside of what that can hold: polars reads a null, DuckDB and pyarrow's values end in an error, and ages
# below a day come back as a clock. fastparquet itself reads them well, so the loss is seen only by others.
# Seen with fastparquet 2026.9.0, pandas 3.1.1, polars 2.1.0, duckdb 2.0.1.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check fastparquet==2026.9.0 pandas==3.1.1 polars==2.1.0 duckdb==2.0.1 numpy==2.4.6
venv/bin/python - <<'PY'
import duckdb, fastparquet, pandas, polars
ages = pandas.DataFrame({"age": pandas.to_timedelta(["3s", "25h"])})
fastparquet.write("ages.parquet", ages)
by_itself = fastparquet.ParquetFile("ages.parquet").to_pandas()["age"].equals(ages["age"])
by_polars = [str(age) for age in polars.read_parquet("ages.parquet")["age"]]
try:
    by_duckdb = duckdb.sql("select age from 'ages.parquet'").fetchall()
except duckdb.Error as error:
    by_duckdb = str(error)
print(f"3 s and 25 h: fastparquet as written: {by_itself}; polars {by_polars}; DuckDB {by_duckdb}")
raise SystemExit(not (by_itself and by_polars == ["00:00:03", "None"] and "90000000000" in by_duckdb))
PY
