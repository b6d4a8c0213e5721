"""Access logs to Parquet: each batch is an Arrow table with strings, filtered,
grouped and written as one compressed file."""
UNIT, LIMIT_MB, INTERVAL = "hours of log", 420, 0.05
TOTAL = 40000
PATTERN = "arrow_transient"
PRELOAD = ("numpy", "pyarrow", "pyarrow.parquet", "pyarrow.compute")
LEAK = False

LINES = 2000
PATHS = [f"/shop/{section}/{page}" for section in ("home", "cart", "search", "item", "account", "help")
         for page in range(40)]


def run(job, seed):
    import os
    import tempfile

    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    from workloads._data import add, below

    folder = tempfile.TemporaryDirectory(prefix="logs_")
    paths = pa.array(PATHS)
    state = {"sum": 0, "part": 0}

    def work(start, items):
        base = below(seed, start, items, 4, 1 << 24)
        slot = np.tile(np.arange(LINES, dtype=np.int64), items)
        path = (slot * 7 + np.repeat(base[:, 0], LINES)) % len(PATHS)
        table = pa.table({
            "hour": np.repeat(np.arange(start, start + items, dtype=np.int64), LINES),
            "path": paths.take(pa.array(path)),
            "status": ((slot * 13 + np.repeat(base[:, 1], LINES)) % 600).astype(np.int32),
            "bytes": (slot * 97 + np.repeat(base[:, 2], LINES)) % 100_000,
        })
        good = table.filter(pc.less(table["status"], 500))
        groups = good.group_by("path").aggregate([("bytes", "sum"), ("hour", "sum")])
        target = os.path.join(folder.name, f"part_{state['part'] % 4}.parquet")
        state["part"] += 1
        pq.write_table(good.select(["hour", "bytes"]).slice(0, items * 40), target, compression="zstd")
        for name, size, hour in zip(*(groups[c].to_pylist() for c in ("path", "bytes_sum", "hour_sum"))):
            state["sum"] = add(state["sum"], (size + 3 * hour) * (len(name) + ord(name[-1])))

    with job.stage("etl"):
        job.run_batches(TOTAL, "etl", work)
    folder.cleanup()
    return state["sum"]
