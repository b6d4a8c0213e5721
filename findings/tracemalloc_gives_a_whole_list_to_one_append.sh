#!/usr/bin/env bash
# tracemalloc sees what is allocated after its start. A list, bytearray or dict that was there before counts as nothing, until it grows: then
# its block is allocated anew, or only extended in place, and all of it is new. One append to a list of 80 MB that was there is +85 MiB at
# that line, while the process grows by little or nothing. A session that starts late finds the leak in the one who appended.
# Seen with Python 3.11.7: +85 MiB by tracemalloc, +9 resident.
set -euo pipefail
python3 - <<'PY'
import platform, tracemalloc
def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096 >> 20
held = [0] * 10_000_000
tracemalloc.start()
before, traced = resident(), tracemalloc.get_traced_memory()[0]
held.append(1)
grown, counted = resident() - before, tracemalloc.get_traced_memory()[0] - traced >> 20
line = tracemalloc.take_snapshot().statistics("lineno")[0]
print(f"Python {platform.python_version()}: one append to 10,000,000: tracemalloc +{counted} MiB, resident +{grown}; first of the statistics: line {line.traceback[0].lineno}")
raise SystemExit(not (counted >= 80 and grown <= 20))
PY
