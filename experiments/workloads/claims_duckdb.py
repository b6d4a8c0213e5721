"""Insurance claims over four years: pandas builds the claims of a batch of
policies, DuckDB joins them with the tariff and keeps the yearly totals."""
UNIT, LIMIT_MB, INTERVAL = "policies", 330, 0.05
TOTAL = 40000
PATTERN = "yearly_batches"
PRELOAD = ("numpy", "pandas", "duckdb")
LEAK = False

YEARS = (2021, 2022, 2023, 2024)
CLAIMS = 1400


def run(job, seed):
    import os
    import tempfile

    import duckdb
    import numpy as np
    import pandas as pd

    from workloads._data import add, below

    folder = tempfile.TemporaryDirectory(prefix="claims_")
    db = duckdb.connect(os.path.join(folder.name, "claims.duckdb"))
    db.execute("SET threads = 1; SET memory_limit = '150MB'; SET preserve_insertion_order = false")
    db.execute("CREATE TABLE totals (year INT, region INT, kind INT, paid BIGINT)")
    tariff = below(seed + 7, 0, 64 * 24, 1, 900)[:, 0] + 100
    db.register("t", pd.DataFrame({"region": np.repeat(np.arange(64), 24), "kind": np.tile(np.arange(24), 64),
                                   "rate": tariff}))
    db.execute("CREATE TABLE tariff AS SELECT * FROM t")

    def work(start, items, year):
        base = below(seed + year, start, items, 6, 1 << 20)
        n = items * CLAIMS
        slot = np.tile(np.arange(CLAIMS, dtype=np.int64), items)
        policy = np.repeat(np.arange(start, start + items, dtype=np.int64), CLAIMS)
        claims = pd.DataFrame({
            "policy": policy,
            "region": np.repeat(base[:, 0] % 64, CLAIMS),
            "kind": (slot + np.repeat(base[:, 1], CLAIMS)) % 24,
            "gross": (slot * 31 + np.repeat(base[:, 2], CLAIMS)) % 50_000,
            "excess": np.repeat(base[:, 3] % 500, CLAIMS),
        })
        claims["net"] = (claims["gross"] - claims["excess"]).clip(lower=0)
        claims = claims[claims["net"] > 0]
        assert len(claims) <= n
        db.register("claims", claims)
        db.execute(f"""INSERT INTO totals SELECT {year}, c.region, c.kind, sum(c.net * t.rate)
                       FROM claims c JOIN tariff t USING (region, kind) GROUP BY ALL""")
        db.unregister("claims")

    for year in YEARS:
        with job.stage(f"year_{year}"):
            job.run_batches(TOTAL // len(YEARS), "claims", lambda start, items: work(start, items, year))
        db.execute("CHECKPOINT")
    rows = db.execute("SELECT year, region, kind, sum(paid) FROM totals GROUP BY ALL").fetchall()
    db.close()
    folder.cleanup()
    total = 0
    for year, region, kind, paid in rows:
        total = add(total, int(paid) * (year * 10007 + region * 101 + kind))
    return total
