#!/usr/bin/env bash
# joblib's default backend ends a worker that has grown by 300 MB since its first task and starts another, but only where
# psutil can be imported; elsewhere it collects garbage instead. So what a worker keeps from task to task, here a table of 400
# MiB, is loaded again or not depending on an unrelated package.
# Seen with joblib 1.6.0, five rounds on two workers: 2 processes, 2 loads; with psutil 7.2.2 beside it 4 and 4.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check joblib==1.6.0
cat > job.py <<'PY'
import warnings
from joblib import Parallel, delayed
warnings.simplefilter("ignore")
def task(number):
    import builtins, os, time
    load = number > 0 and not hasattr(builtins, "table")
    if load:
        builtins.table = bytearray(b"x") * (400 << 20)
    time.sleep(1.2)
    return os.getpid(), load
with Parallel(n_jobs=2) as workers:
    rounds = [workers([delayed(task)(number)] * 2) for number in range(5)]
print(len({pid for done in rounds for pid, _ in done}), sum(load for done in rounds for _, load in done))
PY
read -r processes loads < <(venv/bin/python job.py)
venv/bin/pip install --quiet --disable-pip-version-check psutil==7.2.2
read -r more_processes more_loads < <(venv/bin/python job.py)
echo "joblib 1.6.0: $processes processes, $loads loads; with psutil installed $more_processes and $more_loads"
[ "$processes" -eq 2 ] && [ "$loads" -eq 2 ] && [ "$more_processes" -gt 2 ] && [ "$more_loads" -gt 2 ]
