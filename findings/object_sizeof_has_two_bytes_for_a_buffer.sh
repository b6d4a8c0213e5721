#!/usr/bin/env bash
# object-sizeof tells how much memory a JavaScript value takes. An ArrayBuffer has no keys that it could walk through and is an empty
# object, two bytes, whether it holds a page or 100 MB; an array over the same memory has its length. One text in a list ten
# times is counted ten times, as a JSON of it would be.
# Seen with object-sizeof 2.6.5.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
command -v npm > /dev/null || { echo "needs Node and npm" >&2; exit 2; }
npm install --silent --no-fund --no-audit --prefix . object-sizeof@2.6.5 > /dev/null
sizes=$(node -p 'const loaded = require("object-sizeof"), sizeof = loaded.default ?? loaded, buffer = new ArrayBuffer(1e8), text = "x".repeat(1e6);
  [sizeof(buffer), sizeof(new SharedArrayBuffer(1e8)), sizeof(new Uint8Array(buffer)), sizeof(text), sizeof(Array(10).fill(text))].join(" ")')
echo "object-sizeof 2.6.5: an ArrayBuffer and a shared one of 100 MB, an array over it, a text of 1 MB, and a list with it ten times: $sizes"
read -r buffer shared array text list <<< "$sizes"
[ "$buffer" -lt 100 ] && [ "$shared" -lt 100 ] && [ "$array" = 100000000 ] && [ "$list" -gt $((9 * text)) ]
