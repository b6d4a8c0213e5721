#!/usr/bin/env bash
# A column of Arrow marks what is missing in a bitmap beside the values. In apache-arrow for JavaScript get() and toJSON() know it,
# toArray(), the way to NumPy-like speed and to charts, does not: a missing sample is a size of 0, and the smallest. It has another unit of
# time too: the same moment is 1800000000000 by get() and 1800000000 by toArray(), by the unit that the writer had.
# Seen with pyarrow 26.0.1, apache-arrow 21.2.0 of npm: 300,null,900 and 300,0,900.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
command -v npm > /dev/null || { echo "needs Node and npm" >&2; exit 2; }
npm install --silent --no-fund --no-audit --prefix . apache-arrow@21.2.0 > /dev/null
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check pyarrow==26.0.1
venv/bin/python - <<'PY'
import pyarrow as pa
table = pa.table({"at": pa.array([1_800_000_000], pa.timestamp("s")).take([0, 0, 0]), "mib": pa.array([300, None, 900], pa.int32())})
with pa.OSFile("samples.arrow", "wb") as file, pa.ipc.new_stream(file, table.schema) as writer:
    writer.write_table(table)
PY
figures=$(node -p '
const table = require("apache-arrow").tableFromIPC(require("fs").readFileSync("samples.arrow"));
const [at, mib] = ["at", "mib"].map((name) => table.getChild(name));
[JSON.stringify(mib.toJSON()), JSON.stringify([...mib.toArray()]), mib.nullCount, at.get(0), at.toArray()[0]].join(" ")')
echo "toJSON, toArray, missing, a time by get and by toArray: $figures"
[ "$figures" = "[300,null,900] [300,0,900] 1 1800000000000 1800000000" ]
