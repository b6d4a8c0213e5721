#!/usr/bin/env bash
# A machine of 1.0 GB is a Container in simpy, and ten jobs of 0.1 GB each take their share, run, and give it back. The sum of ten
# tenths is not 1, so the last one's put would raise the level above the capacity: it waits for room that nobody makes. The
# simulation ends without an error and without that job; in MB, as whole numbers, all ten end.
# Seen with simpy 4.1.2.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check simpy==4.1.2
venv/bin/python - <<'PY'
import simpy
def ended(capacity, share):
    environment, done = simpy.Environment(), []
    machine = simpy.Container(environment, capacity=capacity, init=capacity)
    def job(minutes):
        yield machine.get(share)
        yield environment.timeout(minutes)
        yield machine.put(share)
        done.append(minutes)
    for minutes in range(1, 11):
        environment.process(job(minutes))
    environment.run()
    return len(done), machine.level, len(machine.put_queue)
gigabytes, megabytes = ended(1.0, 0.1), ended(1000, 100)
print(f"jobs that ended, level of the machine, and shares that wait to be given back: in GB {gigabytes}, in MB {megabytes}")
raise SystemExit(not (gigabytes[0] == 9 and gigabytes[2] == 1 and megabytes == (10, 1000, 0)))
PY
