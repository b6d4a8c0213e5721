#!/usr/bin/env bash
# The Python hdrhistogram needs the largest value beforehand. A sample above it is in no count: record_value returns False, which
# its documentation does not name, and the largest size, the percentile 100 and the number of samples are of those that fit. The
# JavaScript one widens itself and keeps the peak. Sizes are what people guess wrong, and the peak is what they look for.
# Seen with hdrhistogram 0.10.8, hdr-histogram-js 3.0.1: 99 samples of 100,000 and one of 2,000,000 kB in a histogram to
# 1,000,000.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
command -v npm > /dev/null || { echo "needs Node and npm" >&2; exit 2; }
npm install --silent --no-fund --no-audit --prefix . hdr-histogram-js@3.0.1 > /dev/null
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check hdrhistogram==0.10.8
cat > job.js <<'JS'
const histogram = require("hdr-histogram-js").build({ lowestDiscernibleValue: 1, highestTrackableValue: 1000000, numberOfSignificantValueDigits: 3 });
for (let sample = 0; sample < 99; sample++) histogram.recordValue(100000);
histogram.recordValue(2000000);
console.log(histogram.totalCount, histogram.maxValue);
JS
cat > job.py <<'PY'
from hdrh.histogram import HdrHistogram
histogram = HdrHistogram(1, 1000000, 3)
for size in 99 * [100000] + [2000000]:
    histogram.record_value(size)
print(histogram.get_total_count(), histogram.get_max_value(), histogram.get_value_at_percentile(100))
PY
by_python=$(venv/bin/python job.py) by_javascript=$(node job.js)
echo "samples, largest size and percentile 100 in Python: $by_python; samples and largest in JavaScript: $by_javascript"
[ "$by_python" = "99 100031 100031" ] && [ "$by_javascript" = "100 2000000" ]
