#!/usr/bin/env bash
# pyorc writes a number into an ORC column without a look at the column's type. 3,000,000,000 kB in an int and 70,000 in a smallint
# come back from pyorc as they were; pyarrow reads the same file as -1,294,967,296 and 4,464. Of a tinyint both have 44 for 300. No
# error comes from either side.
# Seen with pyorc 0.12.0, pyarrow 26.0.1.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check pyorc==0.12.0 pyarrow==26.0.1
venv/bin/python -W error - <<'PY'
import pyorc
from pyarrow import orc
row = (3_000_000_000, 70_000, 300)
with open("job.orc", "wb") as file, pyorc.Writer(file, "struct<size:int,threads:smallint,priority:tinyint>") as writer:
    writer.write(row)
with open("job.orc", "rb") as file:
    [itself] = pyorc.Reader(file)
other = tuple(column[0] for column in orc.read_table("job.orc").to_pydict().values())
print(f"written by pyorc {row} as int, smallint, tinyint: pyorc reads {itself}, pyarrow {other}")
raise SystemExit(not (itself == (3_000_000_000, 70_000, 44) and other == (-1_294_967_296, 4_464, 44)))
PY
