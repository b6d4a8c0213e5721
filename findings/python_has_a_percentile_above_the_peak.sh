#!/usr/bin/env bash
# Python's statistics.quantiles takes its data for a sample of something larger and goes beyond both ends: the 99th percentile of ten peaks
# up to 900 MB is 1434, and the first one of three sizes from 100 to 300 is 4. With fewer than 99 samples the outer percentiles are
# all of this kind; method="inclusive" stays within the data, as NumPy does.
# Seen with Python 3.11.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 - <<'PY'
import statistics
peaks = 9 * [300] + [900]
outer = statistics.quantiles(peaks, n=100)[98], statistics.quantiles([100, 200, 300], n=100)[0]
within = statistics.quantiles(peaks, n=100, method="inclusive")[98], statistics.quantiles([100, 200, 300], n=100, method="inclusive")[0]
print(f"percentile 99 of nine times 300 and 900, and percentile 1 of 100, 200 and 300: {outer}; inclusive: {within}")
raise SystemExit(not (outer[0] > 1000 and outer[1] == 4.0 and within[0] <= 900 and within[1] >= 100))
PY
