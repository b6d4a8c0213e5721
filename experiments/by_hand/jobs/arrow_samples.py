"""Meter readings in Arrow: of each batch the first rows are kept as a sample for the quality report. A slice keeps the
whole column alive, so that all of the readings stay in memory (a leak, although 20 rows of each are read at the end)."""
TOTAL, PATTERN, MEMORY, LEAK, CHURN = 6_000, "slices_pin_tables", "arrow", True, False
READINGS = 500


def run(job):
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    samples = []

    def work(start, n):
        rng = np.random.default_rng(start)
        rows = n * READINGS
        table = pa.table({"meter": pa.array(np.repeat(np.arange(start, start + n), READINGS)), "load": pa.array(rng.gamma(2.0, 3.0, rows)),
                          "volt": pa.array(rng.normal(230, 2, rows)), "code": pa.array(rng.integers(0, 99, rows).astype(np.int16))})
        clean = table.filter(pc.greater(table["load"], 0.4))
        clean = clean.append_column("power", pc.multiply(clean["load"], clean["volt"]))
        order = clean.sort_by([("meter", "ascending"), ("load", "descending")])
        job.wait(0.0006 * n)
        totals = order.group_by("meter").aggregate([("power", "sum"), ("load", "max"), ("code", "count_distinct")])
        assert totals.num_rows == n
        # What the report needs: power, load and voltage of the first 20 rows.
        sample = clean.select(["power", "load", "volt"]).slice(0, 20)
        samples.append(sample)
        job.leaked(clean["power"].nbytes + clean["load"].nbytes + clean["volt"].nbytes - sample.nbytes)

    with job.stage("readings"):
        job.batches("readings", 0, TOTAL, work)
    with job.outside("quality"):
        pa.concat_tables(samples)["power"].to_pylist()
