#!/usr/bin/env bash
# npm's dataframe-js leaves a missing value, null or the empty field of a CSV file, out of the mean and the sum, and takes it for
# zero in the smallest and the largest: of 100, 900 and 300 MB and a missing sample the smallest is 0 beside a mean of 433, and of
# changes that are all negative the largest is 0. NaN and undefined are left out everywhere.
# Seen with dataframe-js 1.4.4.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
command -v npm > /dev/null || { echo "needs Node and npm" >&2; exit 2; }
npm install --silent --no-fund --no-audit --prefix . dataframe-js@1.4.4 > /dev/null
cat > job.js <<'JS'
const { DataFrame } = require("dataframe-js");
const of = (values) => new DataFrame({ size: values }, ["size"]).stat.stats("size");
const [sizes, texts, gaps, changes] = [[100, null, 900, 300], ["100", "", "900", "300"], [100, NaN, 900, 300], [-5, null, -9]].map(of);
console.log(`100, missing, 900, 300: null: smallest ${sizes.min}, mean ${sizes.mean.toFixed(1)}; empty: ${texts.min}, ${texts.mean.toFixed(1)}; NaN: ${gaps.min}, ${gaps.mean.toFixed(1)}`);
console.log(`-5, null, -9: largest ${changes.max}, mean ${changes.mean}`);
const means = [sizes, texts, gaps].every(({ mean }) => Math.round(mean) === 433);
process.exit(Number(!(means && sizes.min === 0 && texts.min === 0 && gaps.min === 100 && changes.max === 0 && changes.mean === -7)));
JS
node job.js
