"""Customers in the order they joined, newest first: the histories, and with
them memory and time per item, grow four-fold over the run."""
UNIT, LIMIT_MB, INTERVAL = "customers", 270, 0.05
TOTAL = 40000
PATTERN = "drifting_items"
PRELOAD = ("numpy", "pandas")
LEAK = False


def run(job, seed):
    import numpy as np
    import pandas as pd

    from workloads._data import add, below

    state = {"sum": 0}

    def work(start, items):
        number = np.arange(start, start + items, dtype=np.int64)
        length = 700 + number * 2100 // TOTAL
        base = below(seed, start, items, 3, 1 << 16)
        owner = np.repeat(number, length)
        offset = np.arange(len(owner), dtype=np.int64) - np.repeat(np.cumsum(length) - length, length)
        frame = pd.DataFrame({"customer": owner, "day": (offset * 17 + np.repeat(base[:, 0], length)) % 365,
                              "cents": (offset * 101 + np.repeat(base[:, 1], length)) % 9_973,
                              "shop": (offset + np.repeat(base[:, 2], length)) % 40})
        frame = frame.sort_values(["customer", "day"], kind="stable")
        frame["running"] = frame.groupby("customer")["cents"].cumsum()
        per = frame.groupby("customer")["running"].max()
        state["sum"] = add(state["sum"], (per.to_numpy() * (per.index.to_numpy() + 1)).sum())

    with job.stage("histories"):
        job.run_batches(TOTAL, "histories", work)
    return state["sum"]
