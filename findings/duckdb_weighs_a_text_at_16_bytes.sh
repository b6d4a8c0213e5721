#!/usr/bin/env bash
# DuckDB's profile of a query has intermediate_size_bytes for each operator and a total, by its page the size of all intermediate
# results. A text, or a blob, of any length counts with the 16 bytes of its entry: a query that passes 100 texts of 1 MB on
# has 1600 bytes, at a peak_buffer_memory of 100 MB in the same profile.
# Seen with duckdb 2.0.0.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check duckdb==2.0.0
cat > job.py <<'PY'
import json
import duckdb

database = duckdb.connect()
database.execute("create table samples as select repeat('x', 1000000) || number as text from range(100) numbers(number)")
database.execute("pragma enable_profiling = 'json'; pragma profiling_output = 'profile.json'")
texts = database.execute("select text from samples").fetchall()
profile = json.load(open("profile.json"))
print(sum(len(text) for text, in texts), profile["query"]["total_intermediate_size_bytes"], profile["system"]["peak_buffer_memory"])
PY
read -r length size peak < <(venv/bin/python job.py)
echo "duckdb 2.0.0, texts of $length bytes: total_intermediate_size_bytes $size, peak_buffer_memory $peak"
[ "$length" -gt 100000000 ] && [ "$size" = 1600 ] && [ "$peak" -gt 100000000 ]
