#!/usr/bin/env bash
# mesa numbers the agents of each model in a table of the class Agent, whose keys are the models. So a model that had one agent is
# never let go: runs in a loop, or batch_run in one process, grow by the whole of every model, though nothing else refers
# to it and the garbage collector runs. A model without agents goes. 3.3.1 is the last version for Python 3.11; newer ones number them
# in the model.
# Seen with mesa 3.3.1, 20 models that hold 10 MiB: with an agent 20 alive, 201 MiB; without 0 alive.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check mesa==3.3.1 numpy==2.4.6 pandas==3.1.1 scipy==1.17.1 psutil==7.2.2
cat > job.py <<'PY'
import gc, weakref
import mesa, psutil

class Shift(mesa.Model):
    def __init__(self, workers):
        super().__init__(seed=1)
        self.table = bytearray(b"x") * (10 << 20)
        for _ in range(workers):
            mesa.Agent(self)

def resident():
    return psutil.Process().memory_info().rss >> 20

def kept(workers):
    before = resident()
    models = [weakref.ref(Shift(workers)) for _ in range(20)]
    gc.collect()
    return sum(model() is not None for model in models), resident() - before

print(*kept(0), *kept(1))
PY
read -r without grown with grown_with < <(venv/bin/python job.py)
echo "mesa 3.3.1, 20 models of 10 MiB, none referred to: without agents $without alive (+$grown MiB), with one agent $with (+$grown_with)"
[ "$without" = 0 ] && [ "$grown" -lt 50 ] && [ "$with" = 20 ] && [ "$grown_with" -ge 190 ]
