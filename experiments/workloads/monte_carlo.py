"""Path simulation in NumPy: a matrix of price paths per batch, reduced to the
payoffs of a few contracts."""
UNIT, LIMIT_MB, INTERVAL = "scenarios", 240, 0.05
TOTAL = 40000
PATTERN = "numpy_transient"
PRELOAD = ("numpy",)
LEAK = False

DAYS, ASSETS = 252, 150


def run(job, seed):
    import numpy as np

    from workloads._data import add, below

    state = {"sum": 0}
    sign = below(seed + 1, 0, DAYS, ASSETS, 2001) - 1000

    def work(start, items):
        shock = below(seed, start, items, ASSETS, 4001) - 2000
        path = shock[:, None, :] * sign[None, :, :]
        path //= 1000
        np.cumsum(path, axis=1, out=path)
        path += 100_000
        best, last = path.max(axis=1), path[:, -1, :]
        payoff = np.maximum(best - 101_000, 0) + np.maximum(99_000 - last, 0)
        state["sum"] = add(state["sum"], (payoff * np.arange(1, ASSETS + 1)).sum())

    with job.stage("simulate"):
        job.run_batches(TOTAL, "simulate", work)
    return state["sum"]
