#!/usr/bin/env bash
# npm's asciichart writes the numbers of the axis in eleven columns and cuts longer ones at the front: a job that grows from 1 GB
# to 2 GB, in bytes, has an axis that goes from 00000000.00 by 50000000.00 to 00000000.00 and again. Its port to Python,
# asciichartpy, makes the axis wider. A format function of one's own is the way out.
# Seen with asciichart 1.5.25, asciichartpy 1.5.25.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
command -v npm > /dev/null || { echo "needs Node and npm" >&2; exit 2; }
npm install --silent --no-fund --no-audit --prefix . asciichart@1.5.25 > /dev/null
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check asciichartpy==1.5.25
axis() { awk '{ print $1 }' | tr '\n' ' '; }
by_node=$(node -p 'require("asciichart").plot([1e9, 1.5e9, 2e9], { height: 4 })' | axis)
by_python=$(venv/bin/python -c 'import asciichartpy; print(asciichartpy.plot([1e9, 1.5e9, 2e9], {"height": 4}))' | axis)
echo "1, 1.5 and 2 GB in bytes: asciichart $by_node; asciichartpy $by_python"
[ "$by_node" = "00000000.00 50000000.00 00000000.00 50000000.00 00000000.00 " ] && [ "$by_python" = "2000000000.00 1750000000.00 1500000000.00 1250000000.00 1000000000.00 " ]
