#!/usr/bin/env bash
# DuckDB computes 1.5 and max(mib * 1.5) as decimals, and Arrow has them so. apache-arrow for JavaScript gives the digits of a decimal
# and leaves the place of the point in the column's type: a limit of 1.5 GiB is 15 as a text and as a number, and above
# a limit of 2. With two places it is 150. A sum of integers is a decimal too, without places, and right.
# Seen with duckdb 2.0.1, pyarrow 26.0.1, apache-arrow 21.2.0 of npm: 15, 9000 and 900, for 1.5, 900 and 900.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
command -v npm > /dev/null || { echo "needs Node and npm" >&2; exit 2; }
npm install --silent --no-fund --no-audit --prefix . apache-arrow@21.2.0 > /dev/null
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check duckdb==2.0.1 pyarrow==26.0.1
venv/bin/python - <<'PY'
import duckdb, pyarrow as pa
table = duckdb.sql("select 1.5 as gib, max(mib * 1.5) as peak, sum(mib) as total from (values (300), (600)) jobs(mib)").to_arrow_table()
with pa.OSFile("jobs.arrow", "wb") as file, pa.ipc.new_stream(file, table.schema) as writer:
    writer.write_table(table)
print("Python:", table.to_pylist()[0])
PY
figures=$(node -p '
const row = require("apache-arrow").tableFromIPC(require("fs").readFileSync("jobs.arrow")).get(0);
[String(row.gib), Number(row.gib), row.gib > 2, Number(row.peak), Number(row.total)].join(" ")')
echo "apache-arrow of npm: $figures"
[ "$figures" = '15 15 true 9000 900' ]
