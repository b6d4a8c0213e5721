#!/usr/bin/env bash
# AppMetrics keeps 1028 of a histogram's samples, drawn by lot, and takes every figure of them: the "max" of 100,000 sizes of which
# one is 900 MB and the rest 100 is nearly always 100, and "n" is 1028. The histograms of this family in other languages have the
# largest and the count of all samples beside their reservoir, pyformance among them. Its geometric mean of so many sizes is
# infinite, since it multiplies them first.
# Seen with AppMetrics 0.5.0, pyformance 0.4.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check AppMetrics==0.5.0 pyformance==0.4 setuptools==80.9.0
venv/bin/python - 2> /dev/null <<'PY'
import random
from appmetrics import metrics
import pyformance
random.seed(1)
histogram, other = metrics.new_histogram("rss"), pyformance.MetricsRegistry().histogram("rss")
for sample in range(100_000):
    size = 900 if sample == 500 else 100
    histogram.notify(size)
    other.add(size)
figures = histogram.get()
print(f"largest of 99,999 samples of 100 and one of 900: {figures['max']:.0f} of n {figures['n']}, geometric mean {figures['geometric_mean']}; "
      f"pyformance {other.get_max():.0f} of {other.get_count():.0f}")
raise SystemExit((figures["max"], figures["n"], figures["geometric_mean"], other.get_max()) != (100, 1028, float("inf"), 900))
PY
