"""Monthly billing in four operations with very different memory per item:
import, rate, settle, print."""
UNIT, LIMIT_MB, INTERVAL = "accounts", 400, 0.05
TOTAL = 132000
PATTERN = "phases_by_operation"
PRELOAD = ("numpy", "pandas")
LEAK = False

MONTHS = 12


def run(job, seed):
    import numpy as np
    import pandas as pd

    from workloads._data import add, below

    state = {"sum": 0}

    def load(start, items):
        raw = np.repeat(below(seed, start, items, 64, 90_000), 220, axis=1)
        raw += np.arange(raw.shape[1], dtype=np.int64) % 13
        state["sum"] = add(state["sum"], raw[:, ::3].sum())

    def rate(start, items):
        calls = below(seed + 1, start, items, 300, 4000)
        frame = pd.DataFrame({"account": np.repeat(np.arange(start, start + items), 300), "seconds": calls.ravel(),
                              "zone": calls.ravel() % 11})
        frame["cents"] = frame["seconds"] * (frame["zone"] + 2)
        per = frame.groupby("account")["cents"].sum()
        state["sum"] = add(state["sum"], (per.to_numpy() * (per.index.to_numpy() + 1)).sum())

    def settle(start, items):
        books = below(seed + 2, start, items, 128, 50_000)
        wide = books[:, :, None] * np.arange(1, 401, dtype=np.int64)[None, None, :]
        wide.sort(axis=1)
        state["sum"] = add(state["sum"], wide[:, 64, :].sum())

    def print_(start, items):
        amounts = below(seed + 3, start, items, 1, 10**7)[:, 0]
        pages = [f"Account {start + k}\n" + f"{int(amounts[k]) / 100:12.2f} EUR\n" * 400 for k in range(items)]
        state["sum"] = add(state["sum"], sum(len(p) * 31 + ord(p[9]) for p in pages))

    for month in range(MONTHS):
        with job.stage(f"month_{month + 1}"):
            job.run_batches(4000, "import", load)
            job.run_batches(3000, "rate", rate)
            job.run_batches(1000, "settle", settle)
            job.run_batches(3000, "print", print_)
    return state["sum"]
