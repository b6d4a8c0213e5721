#!/usr/bin/env bash
# polars' reader of JSON lines takes the fields from the first 100 lines; the parameter is said to be a number of lines for
# the schema. A field that comes later (the first child, collection or limit of a job) is left out with all its values, and
# no error says so, though ignore_errors is off. pyarrow's reader keeps it.
# Seen with polars 2.1.0, pyarrow 26.0.1: columns ['rss'] and ['rss', 'children'].
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check polars==2.1.0 pyarrow==26.0.1
venv/bin/python - <<'PY'
import pathlib
import polars, pyarrow.json
found = {}
for rows in (50, 100):
    pathlib.Path("job.jsonl").write_text('{"rss": 1}\n' * rows + '{"rss": 1, "children": 7}\n')
    found[rows] = polars.read_ndjson("job.jsonl").columns, pyarrow.json.read_json("job.jsonl").column_names
print("polars 2.1.0, pyarrow 26.0.1, columns by rows before the field:", found)
raise SystemExit(not (found[50] == (["rss", "children"],) * 2 and found[100] == (["rss"], ["rss", "children"])))
PY
