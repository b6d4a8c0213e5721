"""Sensor windows with a leak under a sawtooth: readings wait in a window of
changing length until it is settled, and every settled window leaves some of
its arrays in a quarantine list for good."""
UNIT, LIMIT_MB, INTERVAL = "sensors", 520, 0.05
TOTAL = 65000
PATTERN = "leak_under_sawtooth"
PRELOAD = ("numpy",)
LEAK = True

READINGS = 14_000
QUARANTINE = []


def run(job, seed):
    import numpy as np

    from workloads._data import add, below

    state = {"sum": 0, "window": [], "length": 4000, "round": 0}

    def settle():
        for number, readings in state["window"]:
            state["sum"] = add(state["sum"], int(readings[::7].sum()) * (number + 1))
            if number % 16 == 3:
                QUARANTINE.append(readings)
                job.leaked(readings.nbytes)
        job.retained(-sum(r.nbytes for _, r in state["window"]))
        state["window"].clear()
        state["round"] += 1
        state["length"] = 3000 + (state["round"] * 1370) % 4000

    def work(start, items):
        offsets = below(seed, start, items, 1, 1 << 20)
        raw = (np.arange(READINGS, dtype=np.int64)[None, :] * 37 + offsets) % 65_521
        smooth = (raw[:, 1:] + raw[:, :-1]) >> 1
        for k in range(items):
            readings = smooth[k].astype(np.int16)
            state["window"].append((start + k, readings))
            job.retained(readings.nbytes)
            if len(state["window"]) >= state["length"]:
                settle()

    with job.stage("settle"):
        job.run_batches(TOTAL, "settle", work)
    settle()
    return state["sum"]
