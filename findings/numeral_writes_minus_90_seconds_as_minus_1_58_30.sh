#!/usr/bin/env bash
# numeral formats a change as well as a size or a duration. A fall has no unit: 3 GB are 3.0GB, minus 3 GB are -3000000000.0, beside
# other rows in GB. A duration of minus 90 seconds, a job that ended before its time, is -1:58:30: the sign belongs to the hour alone, the
# minutes and seconds count forward from it.
# Seen with numeral 2.0.6.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
command -v npm > /dev/null || { echo "needs Node and npm" >&2; exit 2; }
npm install --silent --no-fund --no-audit --prefix . numeral@2.0.6 > /dev/null
figures=$(node -p '
const numeral = require("numeral");
[3e9, -3e9].map((size) => numeral(size).format("0.0b")).concat([90, -90, -5400].map((seconds) => numeral(seconds).format("00:00:00"))).join(" ")')
echo "3 GB, -3 GB, 90 seconds, -90 seconds, -90 minutes: $figures"
[ "$figures" = "3.0GB -3000000000.0 0:01:30 -1:58:30 -2:30:00" ]
