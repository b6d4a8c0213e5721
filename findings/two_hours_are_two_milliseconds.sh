#!/usr/bin/env bash
# Slurm, ps and time write 02:03:04 for two hours, three minutes and four seconds. npm's parse-duration takes the colons for text between
# numbers of milliseconds and has 2.003004 ms; 3-00:00:00 is three milliseconds. Python's durations finds no unit and has 0 seconds, and in
# "2 days, 3:04:05" it has the days. Python's timelength loses the days and calls the result a success: 3-00:00:00 is 0 s. pytimeparse reads all.
# Seen with parse-duration 2.1.9, durations 0.3.3, timelength 3.0.4, pytimeparse 1.1.10.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
command -v npm > /dev/null || { echo "needs Node and npm" >&2; exit 2; }
npm install --silent --no-fund --no-audit --prefix . parse-duration@2.1.9 > /dev/null
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check durations==0.3.3 timelength==3.0.4 pytimeparse==1.1.10
times='["02:03:04", "3-00:00:00", "2 days, 3:04:05"]'
in_node=$(node --input-type=module -e 'import parse from "parse-duration"; console.log(JSON.parse(process.argv[1]).map((time) => parse(time).toFixed(3)).join(" "))' "$times")
in_python=$(venv/bin/python -c '
import json, sys, durations, pytimeparse, timelength
times = json.loads(sys.argv[1])
days = timelength.TimeLength(times[1]).result
print(*(durations.Duration(time).to_seconds() for time in times), days.seconds, days.success, *(pytimeparse.parse(time) for time in times))' "$times")
echo "$times: parse-duration $in_node ms; durations, timelength of the second, then pytimeparse, $in_python s"
[ "$in_node" = "2.003 3.000 183845000.000" ] && [ "$in_python" = "0.0 0.0 172800.0 0.0 True 7384 259200 183845" ]
