#!/usr/bin/env bash
# npm's human-format reads a size with a prefix. The exponent of 1e3 is a prefix to it, an E for exa, of which the 1 stays: 1e3 MB,
# a billion bytes, is 1000000000000000000. A comma ends the number, so 1,024 MB is one byte, and 1.5GiB is 1,500,000,000 unless
# the binary scale is asked for, to which 1 MB is one byte. No error comes for any of them.
# Seen with human-format 1.2.1.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
command -v npm > /dev/null || { echo "needs Node and npm" >&2; exit 2; }
npm install --silent --no-fund --no-audit --prefix . human-format@1.2.1 > /dev/null
read_by_node=$(node -p 'const format = require("human-format"); [...["1e3 MB", "1,024 MB", "1.5GiB"].map((size) => format.parse(size, { unit: "B" })), format.parse("1 MB", { unit: "B", scale: "binary" })].join(" ")')
echo "human-format 1.2.1: 1e3 MB, 1,024 MB, 1.5GiB, and in the binary scale 1 MB, are $read_by_node bytes"
[ "$read_by_node" = "1000000000000000000 1 1500000000 1" ]
