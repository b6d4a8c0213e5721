#!/usr/bin/env bash
# In SimPy a worker asks a store for a job and waits for it or for the end of its shift, whichever comes first. If the shift ends
# first the request stays in the store: the next job goes to the worker that left, and who waits behind it gets none. The job
# is in no count, neither done nor left over, and each such request keeps its process alive. cancel() or a with statement ends it.
# Seen with SimPy 4.1.2.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check simpy==4.1.2
venv/bin/python -W error - <<'PY'
import simpy
def run(cancel):
    done = []
    env = simpy.Environment()
    jobs = simpy.Store(env)
    def worker(name, begin, end):
        yield env.timeout(begin)
        request = jobs.get()
        results = yield request | env.timeout(end - begin)
        if request in results:
            done.append(name)
        elif cancel:
            request.cancel()
    def office():
        yield env.timeout(5)
        yield jobs.put("job")
    for process in (worker("early", 0, 1), worker("late", 2, 100), office()):
        env.process(process)
    env.run()
    return done, len(jobs.items)
left, cancelled = run(False), run(True)
print(f"one job at 5, workers from 0 to 1 and from 2 to 100: done by {left[0]}, {left[1]} left over; with cancel(): {cancelled[0]}")
raise SystemExit(not (left == ([], 0) and cancelled == (["late"], 0)))
PY
