#!/usr/bin/env bash
# jc turns the output of top into JSON. Beside the number that top printed it has the same in bytes, which is right only for sizes
# with a letter. top writes KiB without one, and they are taken for bytes: a job of 300 MiB has a resident_mem_bytes of 320,000,
# unit "b". The total above is right, and a job above a gibibyte, 3.1g, is too.
# Seen with jc 1.26.1 and procps 4.0.2.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
command -v top > /dev/null || { echo "needs top: apt-get install procps" >&2; exit 2; }
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check jc==1.26.1
python3 -c 'import sys; held = bytearray(b"x") * (300 << 20); print(flush=True); sys.stdin.read()' < <(sleep 60) > ready & job=$!
trap 'kill $job; rm -rf "$here"' EXIT
until [ -s ready ]; do sleep 0.2; done
LC_ALL=C HOME="$here" top -b -n 1 -p $job > top.txt
venv/bin/jc --top --quiet < top.txt > top.json
python3 - "$(sed -n 's/^VmRSS:[^0-9]*\([0-9]*\) kB/\1/p' /proc/$job/status)" <<'PY'
import json, sys
kernel = int(sys.argv[1]) * 1024
read = json.load(open("top.json"))[0]
process = read["processes"][0]
size, unit, total = process["resident_mem_bytes"], process["resident_mem_unit"], read["mem_total_bytes"]
print(f"a job of 300 MiB: the kernel's figure {kernel} bytes, resident_mem_bytes {size} of unit {unit}; mem_total_bytes {total}")
raise SystemExit(not (abs(size * 1024 - kernel) < 1 << 20 and unit == "b" and total > 1 << 29))
PY
