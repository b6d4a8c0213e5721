"""Web sessions in DuckDB: each batch of users is registered as Arrow, staged in a temporary table with a number in its
name, and aggregated. The staging tables are never dropped (a leak in the database)."""
TOTAL, PATTERN, MEMORY, LEAK, CHURN = 6_000, "temp_tables_left", "duckdb", True, False
EVENTS = 300


def run(job):
    import duckdb
    import numpy as np
    import pyarrow as pa

    base = duckdb.connect()
    base.execute("SET threads=1")
    base.execute("CREATE TABLE sessions(user_id BIGINT, day INT, visits BIGINT, spent DOUBLE)")

    def used():
        return base.execute("SELECT sum(memory_usage_bytes) FROM duckdb_memory() WHERE tag = 'IN_MEMORY_TABLE'").fetchone()[0]

    def work(start, n):
        rng = np.random.default_rng(start)
        rows = n * EVENTS
        events = pa.table({"user_id": np.repeat(np.arange(start, start + n), EVENTS), "day": rng.integers(0, 30, rows).astype(np.int32),
                           "moment": rng.random(rows), "page": rng.integers(0, 9_999, rows), "amount": rng.gamma(1.2, 20.0, rows)})
        base.register("incoming", events)
        before = used()
        base.execute(f"CREATE TEMP TABLE stage_{start} AS SELECT user_id, day, moment, amount, moment * amount AS weight FROM incoming WHERE page % 12 < 5")
        job.leaked(max(0, int(used() - before)))
        base.execute(f"INSERT INTO sessions SELECT user_id, day, count(*), sum(amount) FROM stage_{start} GROUP BY ALL")
        top = base.execute("SELECT user_id, day, page, row_number() OVER (PARTITION BY user_id ORDER BY moment) AS place, amount FROM incoming").to_arrow_table()
        assert top.num_rows == rows
        base.unregister("incoming")
        job.wait(0.0006 * n)

    with job.stage("ingest"):
        job.batches("ingest", 0, TOTAL, work)
    with job.outside("report"):
        base.execute("SELECT day, sum(spent) FROM sessions GROUP BY day ORDER BY day").fetchall()
    base.close()
