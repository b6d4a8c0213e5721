#!/usr/bin/env bash
# hdr-histogram-js counts values in buckets of 8, 16, 32 or 64 bits, smaller ones for less memory. What a bucket cannot hold begins
# again at 0, without a word: 256 samples of 100 MiB in buckets of 8 bits, or 65,536 in 16, and the median of them is 0, as is every
# percentile but the last, while totalCount has all of them. The mean of it is an error. The page names the sizes only.
# Seen with hdr-histogram-js 3.0.1.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
command -v npm > /dev/null || { echo "needs Node and npm" >&2; exit 2; }
npm install --silent --no-fund --no-audit --prefix . hdr-histogram-js@3.0.1 > /dev/null
figures=$(node -p '
const { build } = require("hdr-histogram-js");
const filled = (bits, samples) => {
  const histogram = build({ bitBucketSize: bits });
  for (let sample = 0; sample < samples; sample++) histogram.recordValue(100);
  return [histogram.totalCount, histogram.getValueAtPercentile(50)].join(" ");
};
[filled(8, 255), filled(8, 256), filled(16, 65535), filled(16, 65536), filled(32, 65536)].join("; ")')
echo "samples of 100 and their median, in 8, 8, 16, 16 and 32 bits: $figures"
[ "$figures" = "255 100; 256 0; 65535 100; 65536 0; 65536 100" ]
