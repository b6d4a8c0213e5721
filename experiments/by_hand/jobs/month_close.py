"""A month's close, four times: sales of each batch of stores go from CSV to Parquet (wide rows), then the files of the month
are reconciled batch by batch (narrow columns). Two operations that take turns."""
TOTAL, PATTERN, MEMORY, LEAK, CHURN = 8_000, "two_operations", "arrow", False, False
MONTHS, STORES, SALES = 4, 1_000, 300


def run(job):
    import io
    import os

    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.csv
    import pyarrow.parquet as pq

    for month in range(MONTHS):
        first, files = month * STORES * 2, []

        def extract(start, n):
            rng = np.random.default_rng(start)
            rows = n * SALES
            store = np.repeat(np.arange(start - first, start - first + n), SALES)
            text = io.BytesIO()
            pyarrow.csv.write_csv(pa.table({"store": store, "article": rng.integers(0, 50_000, rows), "amount": rng.gamma(2, 9, rows).round(2),
                                            "till": rng.integers(0, 40, rows), "name": pa.array([f"clerk {k}" for k in range(997)]).take(pa.array(rng.integers(0, 997, rows)))}), text)
            table = pyarrow.csv.read_csv(io.BytesIO(text.getvalue()))
            table = table.append_column("net", pc.divide(table["amount"], 1.19))
            table = table.sort_by([("store", "ascending"), ("article", "ascending")])
            path = f"sales_{month}_{start}.parquet"
            pq.write_table(table, path, compression="zstd")
            files.append((start - first, n, path))

        def reconcile(start, n):
            low = start - first - STORES
            for begin, count, path in files:
                if begin < low + n and low < begin + count:
                    table = pq.read_table(path, columns=["store", "net", "till"], filters=[("store", ">=", low), ("store", "<", low + n)])
                    table.group_by(["store", "till"]).aggregate([("net", "sum")])
            job.wait(0.0008 * n)

        with job.stage("extract"):
            job.batches("extract", first, STORES, extract)
        with job.stage("reconcile"):
            job.batches("reconcile", first + STORES, STORES, reconcile)
        for _, _, path in files:
            os.remove(path)
