#!/usr/bin/env bash
# pygal leaves out a sample that is None and joins its neighbours. One that is NaN, which is what pandas and NumPy have for it, goes into
# the path of the SVG as the word nan; a reader of SVG draws a path up to its first error, so the line ends before the sample and
# the peak after it is not in the picture, though the axis reaches up to it. No error comes.
# Seen with pygal 3.1.3.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check pygal==3.1.3
venv/bin/python - <<'PY'
import re
import pygal
def paths(samples):
    chart = pygal.Line()
    chart.add("rss", samples)
    return re.findall(r'<path d="([^"]*)" class="line', chart.render(is_unicode=True))
missing, gap = paths([300, 300, float("nan"), 300, 900]), paths([300, 300, None, 300, 900])
print(f"300, 300, NaN, 300, 900 is drawn as {missing}, with None as {gap}")
raise SystemExit(not ("nan" in missing[-1].split() and not any("nan" in path for path in gap)))
PY
