#!/usr/bin/env bash
# tsdownsample thins a series out for a chart. Its page lists LTTBDownsampler among those that leave NaN out. A missing sample
# makes every area of its stretch NaN instead, and no larger one is found: of 100,000 samples at 300 with one of 900 the chart's
# largest is 900, and 300 where one sample is missing in the same stretch of a thousand. MinMaxLTTBDownsampler keeps the peak.
# Seen with tsdownsample 0.1.5.1.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check tsdownsample==0.1.5.1 numpy==2.4.6
venv/bin/python - <<'PY'
import numpy
from tsdownsample import LTTBDownsampler, MinMaxLTTBDownsampler
samples = numpy.full(100_000, 300.0)
samples[50_010] = 900
missing = samples.copy()
missing[50_005] = numpy.nan
def largest(downsampler, values):
    return float(numpy.nanmax(values[downsampler.downsample(values, n_out=100)]))
found = [largest(LTTBDownsampler(), samples), largest(LTTBDownsampler(), missing), largest(MinMaxLTTBDownsampler(), missing)]
print("largest of the 100 points: {}, beside a missing sample {}, by MinMaxLTTB {}".format(*found))
raise SystemExit(found != [900, 300, 900])
PY
