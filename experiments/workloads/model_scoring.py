"""Scoring where every batch has a fixed price: it loads the model from disk and
commits its scores to SQLite. Small batches pay it more often."""
UNIT, LIMIT_MB, INTERVAL = "customers", 320, 0.05
TOTAL = 60000
PATTERN = "fixed_cost_per_batch"
PRELOAD = ("numpy", "sqlite3")
LEAK = False

FEATURES, HIDDEN = 1500, 2400


def run(job, seed):
    import os
    import sqlite3
    import tempfile

    import numpy as np

    from workloads._data import add, below

    folder = tempfile.TemporaryDirectory(prefix="scores_")
    model = os.path.join(folder.name, "model.npy")
    np.save(model, (below(seed + 3, 0, FEATURES, HIDDEN, 2001) - 1000).astype(np.int32))
    db = sqlite3.connect(os.path.join(folder.name, "scores.sqlite"))
    db.execute("CREATE TABLE scores (customer INTEGER PRIMARY KEY, score INTEGER)")

    def work(start, items):
        weights = np.load(model).astype(np.float32)
        weights /= np.abs(weights).max()
        np.round(weights, 3, out=weights)
        bias = (weights[::50].sum(axis=0) > 0).astype(np.int64)
        features = below(seed, start, items, 32, 1 << 16).repeat(FEATURES // 30, axis=1)
        hidden = features[:, :1000, None] * bias[None, None, :24]
        score = hidden.max(axis=2).sum(axis=1) % 1_000_003
        db.executemany("INSERT INTO scores VALUES (?, ?)",
                       zip(range(start, start + items), map(int, score)))
        db.commit()

    with job.stage("score"):
        job.run_batches(TOTAL, "score", work)
    total = 0
    for customer, score in db.execute("SELECT customer, score FROM scores"):
        total = add(total, score * (customer + 1))
    db.close()
    folder.cleanup()
    return total
