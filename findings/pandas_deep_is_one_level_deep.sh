#!/usr/bin/env bash
# pandas' memory_usage(deep=True) is to look into the objects of a column. It asks each for its own size only, and each row
# anew: 300 lists that hold a text of 1 MB are 21,600 bytes, and one text of 1 MB that 1000 rows share is 1 GB, where the process
# grew by 287 and by 0 MiB.
# Seen with pandas 3.1.1 (columns of dtype object).
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check pandas==3.1.1 numpy==2.4.6 psutil==7.2.2
cat > job.py <<'PY'
import pandas, psutil

def resident():
    return psutil.Process().memory_info().rss >> 20

def weighed(rows):
    before = resident()
    series = pandas.Series(rows(), dtype=object)
    return series.memory_usage(deep=True, index=False), resident() - before

text = "y" * 1_000_000
print(*weighed(lambda: [["x" * 1_000_000 + str(row)] for row in range(300)]), *weighed(lambda: [text] * 1000))
PY
read -r lists held shared grown < <(venv/bin/python job.py)
echo "pandas 3.1.1, deep=True: 300 lists of a text of 1 MB $lists bytes (resident +$held MiB), one text in 1000 rows $shared (+$grown)"
[ "$lists" -lt 100000 ] && [ "$held" -gt 250 ] && [ "$shared" -gt 1000000000 ] && [ "$grown" -lt 50 ]
