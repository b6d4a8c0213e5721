#!/usr/bin/env bash
# csv-parse casts what looks like a number. A hexadecimal address or mask, 0x7f3a1c000000, passes its check, which lets JavaScript read the
# text as hexadecimal, and is then read as decimal up to the x: every address of a column is 0. csvtojson with checkType leaves
# the text.
# Seen with csv-parse 7.0.3, csvtojson 2.0.14.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
command -v npm > /dev/null || { echo "needs Node and npm" >&2; exit 2; }
npm install --silent --no-fund --no-audit --prefix . csv-parse@7.0.3 csvtojson@2.0.14 > /dev/null
printf '%s\n' address,kb 0x7f3a1c000000,300 0x55d0c0ffee00,132 > maps.csv
by_parse=$(node -p 'JSON.stringify(require("csv-parse/sync").parse(require("fs").readFileSync("maps.csv"), { columns: true, cast: true }).map((row) => [row.address, row.kb]))')
by_json=$(node -e 'require("csvtojson")({ checkType: true }).fromFile("maps.csv").then((rows) => console.log(JSON.stringify(rows.map((row) => [row.address, row.kb]))))')
echo "csv-parse: $by_parse; csvtojson: $by_json"
[ "$by_parse" = '[[0,300],[0,132]]' ] && [ "$by_json" = '[["0x7f3a1c000000",300],["0x55d0c0ffee00",132]]' ]
