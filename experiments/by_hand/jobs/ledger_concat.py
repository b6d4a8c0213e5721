"""A ledger that is concatenated batch by batch in one DataFrame, on purpose and declared: the closing at the end pivots it
as a whole."""
TOTAL, PATTERN, MEMORY, LEAK, CHURN = 6_000, "concat_in_loop", "pandas", False, False
POSTINGS = 320


def run(job):
    import numpy as np
    import pandas as pd

    ledger = pd.DataFrame()

    def work(start, n):
        nonlocal ledger
        rng = np.random.default_rng(start)
        rows = n * POSTINGS
        raw = pd.DataFrame({"account": np.repeat(np.arange(start, start + n), POSTINGS), "day": rng.integers(0, 365, rows),
                            "amount": rng.normal(0, 400, rows), "kind": rng.integers(0, 12, rows), "rate": rng.random(rows)})
        raw["tax"] = (raw["amount"] * raw["rate"]).round(2)
        raw["running"] = raw.groupby("account")["amount"].cumsum()
        raw["late"] = raw["day"] > raw.groupby("account")["day"].transform("mean")
        month = raw.assign(month=raw["day"] // 31).groupby(["account", "month", "kind"], as_index=False).agg(amount=("amount", "sum"), tax=("tax", "sum"))
        job.wait(0.0006 * n)
        before = int(ledger.memory_usage(index=True).sum()) if len(ledger) else 0
        ledger = pd.concat([ledger, month], ignore_index=True)
        job.kept(int(ledger.memory_usage(index=True).sum()) - before, declared=True)

    with job.stage("postings"):
        job.batches("postings", 0, TOTAL, work)
    with job.outside("closing"):
        table = ledger.pivot_table(index="account", columns=["month", "kind"], values="amount", aggfunc="sum", fill_value=0.0)
        check = float(table.to_numpy().sum())
        job.wait(0.4)
        del table
    job.kept(-job.truth.kept)
    del ledger
    assert check == check
