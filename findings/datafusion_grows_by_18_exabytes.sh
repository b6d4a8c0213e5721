#!/usr/bin/env bash
# Sizes are kept without a sign, as uint64. In DataFusion the difference of two such sizes has no sign either: a job that ends 4 kB
# below its start has grown by 18446744073709547520 bytes, is not below zero, and lifts every sum and mean of growth. Of the
# same table DuckDB makes an error, and pyarrow has a checked subtraction. An area of bytes times nanoseconds wraps in int64 too.
# Seen with DataFusion 55.0.0, DuckDB 2.0.0.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check datafusion==55.0.0 pyarrow==26.0.1 duckdb==2.0.0
venv/bin/python -W error - <<'PY'
import datafusion, duckdb, pyarrow
sizes = {"first": pyarrow.array([3221225472], pyarrow.uint64()), "last": pyarrow.array([3221221376], pyarrow.uint64())}
job = pyarrow.table(sizes | {"size": pyarrow.array([3221225472]), "nanoseconds": pyarrow.array([4_000_000_000])})
context = datafusion.SessionContext()
context.from_arrow(job, "job")
query = "select last - first as grown, last - first < 0 as fell, size * nanoseconds as area from job"
found = {name: values[0] for name, values in context.sql(query).to_pydict().items()}
try:
    other = duckdb.sql(query).fetchall()
except duckdb.OutOfRangeException:
    other = "OutOfRangeException"
print(f"3221225472 to 3221221376 bytes: DataFusion {datafusion.__version__} {found}, DuckDB {other}")
raise SystemExit(not (found == {"grown": 2**64 - 4096, "fell": False, "area": 3221225472 * 4_000_000_000 - 2**64} and other == "OutOfRangeException"))
PY
