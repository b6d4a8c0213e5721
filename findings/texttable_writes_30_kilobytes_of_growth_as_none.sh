#!/usr/bin/env bash
# texttable gives a column the type "automatic", which writes whole numbers as they are up to a hundred million and three digits of
# an exponent above it. Sizes in bytes of a small and a large job are so written in two ways in one column, and a job that grew
# by 27 kB has the size it had before, 3.146e+08. A run named 4e10 is 4.000e+10.
# Seen with texttable 1.7.2.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check texttable==1.7.2
venv/bin/python - <<'PY'
import texttable
table = texttable.Texttable()
table.add_rows([["run", "bytes"], ["before", 314572801], ["after", 314600000], ["small", 99999999], ["4e10", 100]])
written = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.draw().splitlines() if line.startswith("|")]
print(f"texttable {texttable.__version__}, of 314572801, 314600000, 99999999 and a run 4e10: {written[1:]}")
raise SystemExit(written[1:] != [["before", "3.146e+08"], ["after", "3.146e+08"], ["small", "99999999"], ["4.000e+10", "100"]])
PY
