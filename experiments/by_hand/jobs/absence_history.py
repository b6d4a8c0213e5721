"""Absences month by month in an SQLite database in memory, which is the job's own data and grows. Each batch reads the whole history again for its
trends, so that a batch takes more and more time and memory, as it should (no leak; nothing is declared)."""
TOTAL, PATTERN, MEMORY, LEAK, CHURN, LENGTH = 15_000, "history_read_again", "sqlite", False, False, "long"
EVENTS = 14


def run(job):
    import sqlite3

    import numpy as np
    import pandas as pd

    base = sqlite3.connect(":memory:")
    base.execute("CREATE TABLE absence(employee INTEGER, day INTEGER, hours REAL, kind INTEGER, note TEXT)")
    trends = []

    def used():
        return base.execute("PRAGMA page_count").fetchone()[0] * base.execute("PRAGMA page_size").fetchone()[0]

    def work(start, n):
        rng = np.random.default_rng(start)
        days, hours, kinds = rng.integers(0, 365, (n, EVENTS)), rng.gamma(2.0, 3.0, (n, EVENTS)), rng.integers(0, 7, (n, EVENTS))
        before = used()
        base.executemany("INSERT INTO absence VALUES (?, ?, ?, ?, ?)",
                         ((start + k, int(days[k, e]), float(hours[k, e]), int(kinds[k, e]), f"absence {e} of {start + k}, " + "certificate " * 24)
                          for k in range(n) for e in range(EVENTS)))
        base.commit()
        job.kept(used() - before)
        job.wait(0.0013 * n)
        history = pd.read_sql_query("SELECT employee, day, hours, kind FROM absence", base)
        history["week"] = history["day"] // 7
        weekly = history.groupby(["kind", "week"])["hours"].agg(["sum", "mean", "count"])
        history["over"] = history["hours"] - history.groupby("kind")["hours"].transform("mean")
        job.wait(0.0013 * n)
        trends.append((start, float(np.polyfit(np.arange(len(weekly)), weekly["mean"], 1)[0]), float(history["over"].std())))

    with job.stage("months"):
        job.batches("month", 0, TOTAL, work)
    with job.outside("report"), open("trends.csv", "w", encoding="utf-8") as file:
        file.writelines(f"{start},{slope},{spread}\n" for start, slope, spread in trends)
        file.writelines(f"{kind},{hours}\n" for kind, hours in base.execute("SELECT kind, sum(hours) FROM absence WHERE note LIKE '%certificate%' GROUP BY kind"))
    base.close()
