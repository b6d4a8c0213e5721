#!/usr/bin/env bash
# js-quantities has a unit for nearly every letter. A limit of "512 M" is 512,000 moles per cubic metre, "512 m" half a kilometre, and
# "300 mb" three hundred thousandths of a bit: none is an error until it is added to a size. 300 MB and 300 MiB are what they say, and
# 1 KB, as many tools write it, is not recognized.
# Seen with js-quantities 1.8.0.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
command -v npm > /dev/null || { echo "needs Node and npm" >&2; exit 2; }
npm install --silent --no-fund --no-audit --prefix . js-quantities@1.8.0 > /dev/null
read_by_node=$(node -p 'const Qty = require("js-quantities");
  [...["512 M", "512 m"].map((text) => Qty(text).toBase().toString()), ...["300 mb", "300 MB", "300 MiB"].map((text) => Qty(text).to("bytes").scalar)].join(", ")')
echo "js-quantities 1.8.0: 512 M and 512 m are $(cut -d, -f1-2 <<< "$read_by_node"); 300 mb, 300 MB and 300 MiB in bytes:$(cut -d, -f3- <<< "$read_by_node")"
[ "$read_by_node" = "512000 mol/m3, 512 m, 0.0375, 300000000, 314572800" ]
