#!/usr/bin/env bash
# max_memory_per_child, by Celery's pages the resident memory that a worker may have before it is replaced, is compared with the
# worker's largest resident set ever. A task that gives back what it took costs its worker all the same; and as a forked
# worker begins with its parent's size for a peak, under a main process above the limit every task gets a worker of its own.
# Seen with billiard 4.3.2, limit 300 MiB: four tasks that take 400 MiB and free them, and four that do nothing under
# a parent that holds 400: 4 workers each; four that do nothing: 1.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check billiard==4.3.2
cat > job.py <<'PY'
import os
from billiard.pool import Pool

def frees(_):
    held = bytearray(b"x") * (400 << 20)
    del held
    return resident()

def rests(_):
    return resident()

def resident():
    pages = int(open("/proc/self/statm").read().split()[1])
    return os.getpid(), pages * os.sysconf("SC_PAGESIZE") >> 20

def workers(task):
    pool = Pool(1, max_memory_per_child=300 << 10)
    done = [pool.apply(task, (number,)) for number in range(4)]
    pool.terminate()
    return len({pid for pid, _ in done}), max(size for _, size in done)

if __name__ == "__main__":
    frees_workers, size = workers(frees)
    rests_workers, _ = workers(rests)
    held = bytearray(b"x") * (400 << 20)
    under_parent, _ = workers(rests)
    print(frees_workers, size, rests_workers, under_parent)
PY
read -r frees size rests under < <(venv/bin/python job.py)
echo "workers for four tasks, limit 300 MiB: $frees where each frees 400 MiB (largest at an end: $size MiB), $rests at rest, $under at rest under a parent of 400 MiB"
[ "$frees" = 4 ] && [ "$size" -lt 100 ] && [ "$rests" = 1 ] && [ "$under" = 4 ]
