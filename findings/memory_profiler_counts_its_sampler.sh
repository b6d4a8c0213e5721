#!/usr/bin/env bash
# memory_profiler's memory_usage() with include_children=True adds the memory of the job's child processes. It samples from a
# child of its own, forked off the job, and adds that one too: a job of 300 MiB without any children has 600. With a
# large table held before the call every figure is about twice too high.
# Seen with memory_profiler 0.61.0: 323 MiB, with include_children 639.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check memory_profiler==0.61.0 psutil==7.2.2
cat > job.py <<'PY'
import time
import memory_profiler
def job():
    time.sleep(1)
if __name__ == "__main__":
    held = bytearray(b"x") * (300 << 20)
    alone = max(memory_profiler.memory_usage((job,)))
    family = max(memory_profiler.memory_usage((job,), include_children=True))
    print(f"memory_profiler 0.61.0: {alone:.0f} MiB, {family:.0f} with the children of a job that has none")
    raise SystemExit(not (300 <= alone < 400 and family > alone + 250))
PY
venv/bin/python job.py
