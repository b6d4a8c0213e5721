#!/usr/bin/env bash
# avsc, Avro for JavaScript, infers a type from values. A size below 2 GiB is an int; from there on the type is not long but float, of
# 32 bits, as it is for 0.5: 3,000,000,001 and 3,000,000,129 bytes come back as 3,000,000,000 and 3,000,000,256, and a time in
# milliseconds would be off by up to a minute. No error or warning comes.
# Seen with avsc 5.7.9.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
command -v npm > /dev/null || { echo "needs Node and npm" >&2; exit 2; }
npm install --silent --no-fund --no-audit --prefix . avsc@5.7.9 > /dev/null
kept=$(node -p 'const { Type } = require("avsc"), inferred = (samples) => Type.forValue(samples), sizes = [3000000001, 3000000129];
  [2147483647, 2147483648, 0.5].map((size) => inferred([size]).itemsType.typeName).concat(inferred(sizes).fromBuffer(inferred(sizes).toBuffer(sizes))).join(" ")')
echo "avsc 5.7.9: the types of 2147483647, 2147483648 and 0.5, and what is kept of 3000000001 and 3000000129: $kept"
[ "$kept" = "int float float 3000000000 3000000256" ]
