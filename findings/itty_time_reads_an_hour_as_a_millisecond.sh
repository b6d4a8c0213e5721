#!/usr/bin/env bash
# npm's itty-time, "smaller and faster than ms", reads "5 minutes" and "90 seconds". Of a unit that it does not know it takes the number alone,
# in milliseconds: "5 min", "1 h", "90 s" and "1 HOUR", which ms reads as they are, are 5, 1, 90 and 1 ms. A time limit in such
# words is over before the job began. Without the space they are NaN.
# Seen with itty-time 2.0.2, ms 2.1.3.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
command -v npm > /dev/null || { echo "needs Node and npm" >&2; exit 2; }
npm install --silent --no-fund --no-audit --prefix . itty-time@2.0.2 ms@2.1.3 > /dev/null
cat > job.mjs <<'JS'
import ms from "ms";
import * as itty from "itty-time";
const lengths = ["5 minutes", "5 min", "1 h", "90 s", "1 HOUR", "5min"];
console.log(lengths.map((length) => itty.ms(length)).join(" ") + "; " + lengths.map((length) => ms(length)).join(" "));
JS
figures=$(node job.mjs)
echo "5 minutes, 5 min, 1 h, 90 s, 1 HOUR, 5min in ms by itty-time; by ms: $figures"
[ "$figures" = "300000 5 1 90 1 NaN; 300000 300000 3600000 90000 3600000 300000" ]
