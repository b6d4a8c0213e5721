#!/usr/bin/env bash
# measured-core keeps the smallest and the largest sample of a histogram. A missing one, null, is below all numbers to it and becomes the
# smallest, and the next sample takes its place: of 300, null and 900 the smallest is 900, the mean 400 and the count 3. The largest is
# right until all are negative, as the growth of a job that gives memory back can be: of -300, null and -900 it is -900.
# Seen with measured-core 2.0.0.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
command -v npm > /dev/null || { echo "needs Node and npm" >&2; exit 2; }
npm install --silent --no-fund --no-audit --prefix . measured-core@2.0.0 > /dev/null
figures=$(node -p 'const { Histogram } = require("measured-core");
  [[300, null, 900], [-300, null, -900]].flatMap((samples) => {
    const histogram = new Histogram();
    samples.forEach((sample) => histogram.update(sample));
    const { min, max, mean, count } = histogram.toJSON();
    return [min, max, mean, count];
  }).join(" ")')
echo "smallest, largest, mean and count of 300, null, 900 and of -300, null, -900: $figures"
[ "$figures" = "900 900 400 3 -900 -900 -400 3" ]
