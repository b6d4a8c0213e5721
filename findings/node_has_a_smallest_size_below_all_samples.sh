#!/usr/bin/env bash
# Node's createHistogram() keeps three digits. Its min and max are the ends of the buckets, not the samples: of 300,000,001 and
# 3,000,000,001 bytes the smallest is 299,892,736, less than any sample, and the largest 3,001,024,511, more than any: a limit
# that was never reached is exceeded by the report. With figures: 5 the ends are some thousand bytes away.
# Seen with Node 20.20.2.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
command -v node > /dev/null || { echo "needs Node" >&2; exit 2; }
figures=$(node -e 'const { createHistogram } = require("perf_hooks");
  const ends = (histogram) => { histogram.record(300000001); histogram.record(3000000001); return [histogram.min, histogram.max, histogram.percentile(100)]; };
  console.log([...ends(createHistogram()), ...ends(createHistogram({ figures: 5 }))].join(" "))')
echo "smallest, largest and percentile 100 of 300000001 and 3000000001, with three figures and with five: $figures"
read -r smallest largest _ <<< "$figures"
[ "$smallest" = 299892736 ] && [ "$largest" = 3001024511 ]
