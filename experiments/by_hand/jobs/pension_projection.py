"""Pension liabilities by Monte Carlo, six years of 1000 members: big arrays that live for a moment. The last year is
computed with twice the scenarios."""
TOTAL, PATTERN, MEMORY, LEAK, CHURN = 6_000, "doubles_in_last_year", "numpy", False, False


def run(job):
    import numpy as np

    reports = []

    def year(index, scenarios):
        def work(start, n):
            rng = np.random.default_rng(start)
            age = 25 + np.arange(start, start + n) % 40
            shock = rng.standard_normal((n, 25, scenarios), dtype=np.float32)
            wage = np.exp(0.02 + 0.04 * shock).cumprod(axis=1)
            alive = np.exp(-0.0003 * np.exp(0.09 * (age[:, None] + np.arange(25)))).cumprod(axis=1).astype(np.float32)
            flow = wage * alive[:, :, None] * 0.6
            value = (flow * (1.03 ** -np.arange(25, dtype=np.float32))[None, :, None]).sum(axis=1)
            job.wait(0.0006 * n)
            reports.append((index, float(value.mean()), float(np.quantile(value, 0.99))))
        return work

    for index in range(6):
        with job.stage(f"year_{2026 + index}"):
            job.batches("projection", index * 1_000, 1_000, year(index, 600 if index == 5 else 300))
    assert len(reports)
