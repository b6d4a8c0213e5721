#!/usr/bin/env bash
# termgraph shortens the numbers beside its bars by itself, with B for billions: a chart of sizes in bytes has 312.00 for 312
# bytes and "3.00 B" for three gigabytes. What is just below a step stays below it: 999,999 is 1000.00 K and one more 1.00 M.
# --no-readable writes the numbers out.
# Seen with termgraph 0.8.0.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check termgraph==0.8.0
printf '%s\n' 'small 312' 'below 999999' 'large 3000000000' > sizes.txt
numbers() { venv/bin/termgraph "$@" sizes.txt | sed -n 's/.*[^0-9. KMB]\(.*\)/\1/p' | sed 's/^ *//' | tr '\n' ','; }
readable=$(numbers) plain=$(numbers --no-readable)
echo "312, 999999 and 3000000000: $readable with --no-readable $plain"
[[ "$readable" = *"312.00,"* && "$readable" = *"3.00 B,"* && "$readable" = *"1000.00"*K* && "$plain" = *"3000000000.00,"* ]]
