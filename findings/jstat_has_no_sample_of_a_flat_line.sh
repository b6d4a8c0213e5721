#!/usr/bin/env bash
# jStat's histogram divides by the width of a bin, which is 0 where all samples are equal: of 300, 300 and 300 there are 0 in each
# bin, and a property named NaN is put on the array. Its first quartile is a sample of a rounded place: of 100, 200, 300, 400 and 900
# it is the smallest one, and the third the second largest.
# Seen with jstat 1.9.6.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
command -v npm > /dev/null || { echo "needs Node and npm" >&2; exit 2; }
npm install --silent --no-fund --no-audit --prefix . jstat@1.9.6 > /dev/null
figures=$(node -p 'const { jStat } = require("jstat"), flat = jStat.histogram([300, 300, 300], 4);
  JSON.stringify([flat, Object.keys(flat).at(-1), jStat.histogram([100, 200, 300, 900], 4), jStat.quartiles([100, 200, 300, 400, 900])])')
echo "jstat 1.9.6, three samples of 300 in four bins, the last key of that array, four sizes in four bins, quartiles: $figures"
[ "$figures" = '[[0,0,0,0],"NaN",[2,1,0,1],[100,300,400]]' ]
