#!/usr/bin/env bash
# fast-histogram counts samples into bins as numpy.histogram does, only faster, but its last bin ends before its end. Where the range is that
# of the samples, from the smallest to the largest, the peak is in no bin: of 100, 300, 900 and 900 two are counted, and the bin that NumPy
# has 2 in is empty. boost-histogram puts them beyond its last bin, where a sum leaves them out unless it is asked for.
# Seen with fast-histogram 0.14, boost-histogram 1.8.1, NumPy 2.4.6.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check fast-histogram==0.14 boost-histogram==1.8.1 numpy==2.4.6
venv/bin/python - <<'PY'
import boost_histogram, fast_histogram, numpy
sizes = numpy.array([100.0, 300.0, 900.0, 900.0])
ends = (sizes.min(), sizes.max())
fast, slow = (function(sizes, bins=4, range=ends).tolist() for function in (fast_histogram.histogram1d, lambda *given, **options: numpy.histogram(*given, **options)[0]))
boost = boost_histogram.Histogram(boost_histogram.axis.Regular(4, *ends)).fill(sizes)
print(f"100, 300, 900 and 900 in four bins from 100 to 900: fast-histogram {fast}, NumPy {slow}, boost-histogram {boost.view().tolist()} of {boost.sum(flow=True):.0f}")
raise SystemExit(not (fast == [1, 1, 0, 0] == boost.view().tolist() and slow == [1, 1, 0, 2] and boost.sum() == 2 and boost.sum(flow=True) == 4))
PY
