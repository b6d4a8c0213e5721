#!/usr/bin/env bash
# Apache's quantile sketch of integers refuses a size of 3 GB given as a number: it holds 32 bits. Given in a NumPy array of
# 64-bit integers, the same size is taken without a word and comes out as -1294967296, so jobs below 2 GiB are right and the
# large ones pull the smallest and the median down. kll_doubles_sketch has room for them.
# Seen with datasketches 5.2.0: TypeError for the number; smallest of 1, 3 and 5 GB: -1294967296.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check datasketches==5.2.0 numpy==2.4.6
venv/bin/python - <<'PY'
import datasketches, numpy
sizes = [1_000_000_000, 3_000_000_000, 5_000_000_000]
try:
    datasketches.kll_ints_sketch(200).update(sizes[1])
    single = "taken"
except TypeError:
    single = "TypeError"
sketch = datasketches.kll_ints_sketch(200)
sketch.update(numpy.array(sizes, dtype=numpy.int64))
smallest, largest = sketch.get_min_value(), sketch.get_max_value()
print(f"datasketches 5.2.0: a number of 3 GB {single}; an array of 1, 3, 5 GB: smallest {smallest}, largest {largest}")
raise SystemExit(not (single == "TypeError" and smallest == -1294967296 and largest < 2 << 30))
PY
