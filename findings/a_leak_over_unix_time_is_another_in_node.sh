#!/usr/bin/env bash
# Four npm packages draw a line through the same samples: unix time in milliseconds, as Date.now() gives it, and a size that rises
# by 2 a second. simple-statistics has a slope of 0.002 a millisecond, ml-regression-simple-linear 0.002165, 8 % more, and
# regression 0. That one rounds to two digits by default, and with more digits it has 3.18 for the 2 of seconds. In d3-regression it falls.
# Seen with simple-statistics 7.12.1, ml-regression-simple-linear 3.0.1, regression 2.0.1, d3-regression 2.2.0.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
command -v npm > /dev/null || { echo "needs Node and npm" >&2; exit 2; }
npm install --silent --no-fund --no-audit --prefix . simple-statistics@7.12.1 ml-regression-simple-linear@3.0.1 regression@2.0.1 d3-regression@2.2.0 > /dev/null
cat > job.js <<'JS'
const simple = require("simple-statistics"), { SimpleLinearRegression } = require("ml-regression-simple-linear"), regression = require("regression");
const samples = Array.from({ length: 200 }, (_, second) => [1764480000000 + 1000 * second, 100 + 2 * second]);
const seconds = samples.map(([time, size]) => [time / 1000, size]);
const slopes = [
  simple.linearRegression(samples).m,
  new SimpleLinearRegression(samples.map(([time]) => time), samples.map(([, size]) => size)).slope,
  regression.linear(samples).equation[0],
  regression.linear(seconds, { precision: 9 }).equation[0],
  require("d3-regression").regressionLinear()(samples).a,
].map((slope) => Number(slope.toFixed(6)));
console.log(`simple-statistics ${slopes[0]}, ml-regression-simple-linear ${slopes[1]}, regression ${slopes[2]}, in seconds ${slopes[3]}; d3-regression ${slopes[4]}`);
process.exit(Number(slopes.join() !== "0.002,0.002165,0,3.178835,-0.000591"));
JS
node job.js
