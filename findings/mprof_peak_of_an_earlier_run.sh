#!/usr/bin/env bash
# mprof (memory_profiler 0.61.0) appends to the file that --output names. A second recording into
# the same file keeps the first one, and `mprof peak` prints the highest of both as the peak.
# Seen: 308 MiB for a run that only sleeps.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check memory_profiler==0.61.0 psutil==7.2.2
echo 'import time; held = bytearray(b"x") * (300 << 20); time.sleep(1)' > large.py
echo 'import time; time.sleep(1)' > small.py
for job in large small; do venv/bin/mprof run --output run.dat venv/bin/python $job.py > /dev/null 2>&1; done
venv/bin/mprof run --output alone.dat venv/bin/python small.py > /dev/null 2>&1
peak() { venv/bin/mprof peak "$1" | awk '{ print int($2) }'; }
echo "memory_profiler 0.61.0: peak of the small job $(peak alone.dat) MiB, written over the large job's file $(peak run.dat) MiB"
[ "$(peak alone.dat)" -lt 50 ] && [ "$(peak run.dat)" -ge 300 ]
