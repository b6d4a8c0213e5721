#!/usr/bin/env bash
# The first lookup of one label in a pandas index that is not sorted builds a table of all its labels, and the index keeps it. A job
# that reads ten million rows and looks at one by name grows by 260 MiB in that line, and memory_usage(), of the same frame
# with the same rows, has an index of 334 MiB where it had 76. A sorted index has no such table.
# Seen with pandas 3.1.1, NumPy 2.4.6: 76 and 334 MiB, resident +260; sorted 76 and 76.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check pandas==3.1.1 numpy==2.4.6 psutil==7.2.2
cat > job.py <<'PY'
import numpy, pandas, psutil

def resident():
    return psutil.Process().memory_info().rss >> 20

def index(table):
    return table.memory_usage()["Index"] >> 20

labels = numpy.random.default_rng(1).permutation(10_000_000)
table = pandas.DataFrame({"size": numpy.zeros(10_000_000)}, index=labels)
ordered = pandas.DataFrame({"size": numpy.zeros(10_000_000)}, index=numpy.arange(10_000_000))
before, start = index(table), resident()
table.loc[5]
after, grown = index(table), resident() - start
ordered.loc[5]
print(before, after, grown, index(ordered))
PY
read -r before after grown ordered < <(venv/bin/python job.py)
echo "pandas 3.1.1, ten million labels: index $before MiB, after a lookup $after (resident +$grown); sorted, after a lookup, $ordered"
[ "$before" -lt 80 ] && [ "$after" -gt 300 ] && [ "$grown" -gt 200 ] && [ "$ordered" -lt 80 ]
