#!/usr/bin/env bash
# mini-racer runs JavaScript in Python and has a hard memory limit, above which V8 ends the script. Buffers are outside of the
# heap that it looks at: a script under a hard limit of 50 MiB and a soft one of 20 holds six arrays of 50 MiB, neither limit
# was reached, and heap_stats() has less than a MiB.
# Seen with mini-racer 0.14.1.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check mini-racer==0.14.1
cat > job.py <<'PY'
import sys
from importlib.metadata import version

from py_mini_racer import MiniRacer


def resident():
    return int(open("/proc/self/statm").read().split()[1]) * 4096 >> 20


racer = MiniRacer()
racer.set_hard_memory_limit(50 << 20)
racer.set_soft_memory_limit(20 << 20)
before = resident()
held = racer.eval("var held = []; for (let i = 0; i < 6; i++) held.push(new Uint8Array(50 << 20).fill(1)); held.length")
grown = resident() - before
reached = racer.was_hard_memory_limit_reached(), racer.was_soft_memory_limit_reached()
heap = racer.heap_stats()["total_physical_size"] >> 20
print(f"mini-racer {version('mini-racer')}, hard limit 50 MiB: {held} arrays of 50 MiB, the process grew by {grown}; limits reached: {reached}, heap {heap} MiB")
sys.exit(not (grown >= 290 and reached == (False, False) and heap == 0))
PY
venv/bin/python job.py
