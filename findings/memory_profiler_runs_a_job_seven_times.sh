#!/usr/bin/env bash
# memory_usage((function, args)) measures a function while it runs. Where the run gave fewer than five samples it runs the function
# again, with a tenth of the interval, until there are enough: a function that returns at once is called seven times, one of two
# seconds under interval=1 twice. Its page tells of one run. What the job appends, sends or books is then there as often.
# max_iterations=1 is the way out.
# Seen with memory_profiler 0.61.0: 7 calls; 2; 1.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check memory_profiler==0.61.0 psutil==7.2.2
cat > job.py <<'PY'
import time
from memory_profiler import memory_usage

def calls(seconds, **options):
    rows = []
    memory_usage((lambda: (rows.append(1), time.sleep(seconds)),), **options)
    return len(rows)

if __name__ == "__main__":
    print(calls(0), calls(2, interval=1), calls(0, max_iterations=1))
PY
read -r short longer once < <(venv/bin/python job.py)
echo "memory_profiler 0.61.0: calls of a function that returns at once $short; of two seconds with interval=1 $longer; with max_iterations=1 $once"
[ "$short" = 7 ] && [ "$longer" = 2 ] && [ "$once" = 1 ]
