"""Insurance claims in polars: each batch of policies is aggregated to a Parquet file; after the last batch all files are read
and joined to one wide panel, outside of any batch, which is the highest point of the job."""
TOTAL, PATTERN, MEMORY, LEAK, CHURN = 6_000, "wide_join_at_end", "polars", False, False
CLAIMS = 350


def run(job):
    import numpy as np
    import polars as pl

    files = []

    def work(start, n):
        rng = np.random.default_rng(start)
        rows = n * CLAIMS
        claims = pl.DataFrame({"policy": np.repeat(np.arange(start, start + n), CLAIMS), "week": rng.integers(0, 52, rows),
                               "amount": rng.gamma(1.5, 300.0, rows), "kind": rng.integers(0, 6, rows), "open": rng.random(rows) < 0.3})
        wide = claims.sort("policy", "week").with_columns(total=pl.col("amount").cum_sum().over("policy"),
                                                          delay=pl.col("week").diff().over("policy").fill_null(0))
        job.wait(0.0006 * n)
        weekly = wide.group_by("policy", "week").agg(pl.col("amount").sum(), pl.col("open").sum(), pl.col("delay").mean(), pl.col("total").last())
        weekly.write_parquet(f"part_{start}.parquet", compression="lz4")
        files.append(f"part_{start}.parquet")

    with job.stage("aggregate"):
        job.batches("aggregate", 0, TOTAL, work)
    with job.outside("panel"):
        whole = pl.concat([pl.read_parquet(file) for file in files])
        left = whole.pivot(on="week", index="policy", values="amount", aggregate_function="sum")
        joined = whole.join(whole.group_by("week").agg(mean=pl.col("amount").mean(), top=pl.col("total").max()), on="week").join(left, on="policy")
        assert joined.height == whole.height
        job.wait(0.5)
        del whole, left, joined
