#!/usr/bin/env bash
# csvkit guesses the type of each column. It takes 512m, the way that Docker and Java write a size, for 512 minutes, and csvjson,
# csvsort and csvstat have a limit of 8:32:00. 1h or 2d in a column would do the same; 3.2G stays text. Only --no-inference keeps
# the sizes.
# Seen with csvkit 2.2.0, agate 1.14.2.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check csvkit==2.2.0 agate==1.14.2
printf '%s\n' job,limit a,512m b,256m > limits.csv
as_json=$(venv/bin/csvjson limits.csv)
mean=$(venv/bin/csvstat --mean -c limit limits.csv)
kept=$(venv/bin/csvsort --no-inference -c job limits.csv | tr '\n' ' ')
echo "512m and 256m: $as_json, their mean $mean; with --no-inference $kept"
[ "$as_json" = '[{"job": "a", "limit": "8:32:00"}, {"job": "b", "limit": "4:16:00"}]' ] && [ "$mean" = 6:24:00 ] && [ "$kept" = "job,limit a,512m b,256m " ]
