#!/usr/bin/env bash
# leather, which agate and so csvkit draw with, makes its axis from the lowest and the highest value. Where they are equal, as in a
# job at rest, the axis is from 0 to 1 and the line is drawn at 300 of it: 143,000 rows above the picture, which is empty and has the
# labels 0, 0.25, 0.5, 0.75 and 1. One sample of 301 makes the line visible.
# Seen with leather 0.4.1: the row -142922; with 301 the rows 478, 478 and 0 of 600.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check leather==0.4.1
venv/bin/python - <<'PY'
import re
import leather
def drawn(sizes):
    chart = leather.Chart("rss")
    chart.add_line(list(enumerate(sizes)))
    svg = chart.to_svg()
    return [float(row) for row in re.findall(r"[ML] [0-9.]+ (-?[0-9.]+)", re.search(r' d="([^"]*)"', svg)[1])], float(re.search(r'height="([0-9.]+)"', svg)[1])
(flat, height), (moving, _) = drawn([300, 300, 300]), drawn([300, 300, 301])
print(f"a line at 300 has the rows {flat} of {height:.0f}, one that ends at 301 {[round(row) for row in moving]}")
raise SystemExit(not (max(flat) < -1000 and all(0 <= row <= height for row in moving)))
PY
