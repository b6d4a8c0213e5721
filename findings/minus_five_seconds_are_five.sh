#!/usr/bin/env bash
# A job that ended before its time, or a clock that was set back, gives a negative duration: -PT5S in ISO 8601, -5s elsewhere. npm's
# iso8601-duration reads the first and timestring the second as five seconds: a sum or a mean has it on the wrong side. No error
# comes. tinyduration has the sign in a field of its own, ms reads -5s.
# Seen with iso8601-duration 2.1.4, timestring 7.0.0, tinyduration 3.4.1, ms 2.1.3: 5, 5, negative, -5000.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
command -v npm > /dev/null || { echo "needs Node and npm" >&2; exit 2; }
npm install --silent --no-fund --no-audit --prefix . iso8601-duration@2.1.4 timestring@7.0.0 tinyduration@3.4.1 ms@2.1.3 > /dev/null
cat > job.mjs <<'JS'
import iso from "iso8601-duration";
import ms from "ms";
import timestring from "timestring";
import { parse } from "tinyduration";
console.log(iso.toSeconds(iso.parse("-PT5S")), timestring("-5s"), timestring("-5 seconds"), parse("-PT5S").negative, ms("-5s"));
JS
figures=$(node job.mjs)
echo "minus five seconds by iso8601-duration, timestring (twice), tinyduration (negative) and ms: $figures"
[ "$figures" = "5 5 5 true -5000" ]
