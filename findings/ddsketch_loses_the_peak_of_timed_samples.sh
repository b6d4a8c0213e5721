#!/usr/bin/env bash
# DDSketch promises quantiles within 1 % of the true ones, and add() takes a weight, as for samples that stand for 0.1 s each.
# The rank that it looks for is counted from the sum of weights less one, so it holds only for weights of whole numbers: with
# 0.1 each, ten sizes of 100 to 1000 MB have a median of -1, and the largest, quantile 1, is -1 too. No error comes.
# Seen with ddsketch 3.0.1: weight 1: 498 and 1002; weight 0.5: 498 and 907; weight 0.1: -1 and -1.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check ddsketch==3.0.1
venv/bin/python - <<'PY'
from ddsketch import DDSketch
found = {}
for weight in (1, 0.5, 0.1):
    sketch = DDSketch(0.01)
    for size in range(100, 1100, 100):
        sketch.add(size, weight=weight)
    found[weight] = [round(sketch.get_quantile_value(quantile)) for quantile in (0.5, 1)]
print("ddsketch 3.0.1, sizes 100 to 1000, median and largest by weight:", found)
raise SystemExit(not (abs(found[1][1] - 1000) <= 10 and found[0.5][1] < 950 and found[0.1] == [-1, -1]))
PY
