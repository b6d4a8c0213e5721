"""Features of shopping baskets: product, price and customer tables are loaded first, then every batch of customers
is merged with them, grouped and pivoted; only checksums survive."""
TOTAL, PATTERN, MEMORY, LEAK, CHURN = 6_000, "load_first_then_merge", "pandas", False, False
PRODUCTS, CUSTOMERS, LINES = 400_000, 6_000, 500


def run(job):
    import numpy as np
    import pandas as pd

    with job.outside("load"):
        rng = np.random.default_rng(11)
        raw = {"product": np.arange(PRODUCTS), "price": rng.gamma(2.0, 8.0, PRODUCTS), "weight": rng.random(PRODUCTS),
               "category": rng.integers(0, 40, PRODUCTS), "margin": rng.random(PRODUCTS), "supplier": rng.integers(0, 5_000, PRODUCTS)}
        products = pd.DataFrame({name: column.copy() for name, column in raw.items()}).set_index("product")
        products["price_rank"] = products.groupby("category")["price"].rank(pct=True)
        customers = pd.DataFrame({"customer": np.arange(CUSTOMERS), "segment": rng.integers(0, 9, CUSTOMERS), "age": rng.integers(18, 90, CUSTOMERS)})
        del raw
        job.kept(int(products.memory_usage(index=True).sum() + customers.memory_usage().sum()))
        job.wait(0.8)

    check = 0.0

    def work(start, n):
        nonlocal check
        rng = np.random.default_rng(1_000 + start)
        lines = pd.DataFrame({"customer": np.repeat(np.arange(start, start + n), LINES),
                              "product": rng.integers(0, PRODUCTS, n * LINES),
                              "quantity": rng.integers(1, 6, n * LINES), "day": rng.integers(0, 365, n * LINES)})
        wide = lines.merge(products, left_on="product", right_index=True).merge(customers, on="customer")
        wide["value"] = wide["price"] * wide["quantity"]
        wide["cheap"] = wide["price_rank"] < 0.2
        features = wide.groupby("customer").agg(value=("value", "sum"), cheap=("cheap", "mean"), weight=("weight", "max"), days=("day", "nunique"))
        table = wide.pivot_table(index="customer", columns="category", values="value", aggfunc="sum", fill_value=0.0)
        job.wait(0.0006 * n)
        check += float(features["value"].sum() + table.to_numpy().std())

    with job.stage("features"):
        job.batches("features", 0, TOTAL, work)
    assert check > 0
