#!/usr/bin/env bash
# pyworkforce computes with Erlang's formula how many workers a queue needs. Below the load the formula does not hold, as the queue
# grows without end; its waiting_probability is then not 1 but 10.0 for one worker and 4.4 for five, at a load of ten, and the
# achieved_occupancy 10.0, a worker busy for ten. required_positions, which begins at the load, does not meet them.
# Seen with pyworkforce 0.5.1.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check pyworkforce==0.5.1
venv/bin/python - <<'PY'
from pyworkforce.queuing import ErlangC
queue = ErlangC(transactions=100, asa=20 / 60, aht=3, interval=30)
waiting, occupancy = ([round(figure(workers), 2) for workers in (1, 5, 10, 15)] for figure in (queue.waiting_probability, queue.achieved_occupancy))
print(f"a load of 10 on 1, 5, 10 and 15 workers: probability to wait {waiting}, occupancy {occupancy}")
raise SystemExit(not (waiting == [10.0, 4.41, 1.0, 0.1] and occupancy == [10.0, 2.0, 1.0, 0.67]))
PY
