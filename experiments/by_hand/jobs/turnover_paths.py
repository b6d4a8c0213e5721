"""Turnover by Monte Carlo: hazards of each batch of departments under random years and their antithetic copies. A new planner,
from a third of the departments on, puts control variates aside that no estimate uses (a leak that starts at a third)."""
TOTAL, PATTERN, MEMORY, LEAK, CHURN = 4_000, "leak_from_a_third", "numpy", True, False
PATHS, MONTHS = 450, 12


def run(job):
    import numpy as np

    controls, estimates = [], []

    def leavers(base, shocks):
        hazard = base[:, None, None] * np.exp(0.4 * shocks)
        return 1.0 - np.exp(-np.cumsum(hazard, axis=2))

    def work(start, n):
        rng = np.random.default_rng(70_000 + start)
        base = 0.008 + 0.02 * rng.random(n)
        shocks = rng.standard_normal((n, PATHS, MONTHS))
        plain, mirrored = leavers(base, shocks), leavers(base, -shocks)
        paired = (plain + mirrored) / 2
        estimates.append((float(paired[:, :, -1].mean()), float(np.quantile(paired[:, :, -1], 0.95)), float(paired.std() / plain.std())))
        job.wait(0.0009 * n)
        for k in range(n):
            if start + k >= TOTAL // 3:
                control = plain[k] - mirrored[k]
                controls.append(control if k % 3 else control.astype(np.float32))
                job.leaked(controls[-1].nbytes + 112 + 8)

    with job.stage("simulate"):
        job.batches("simulate", 0, TOTAL, work)
    with job.outside("summary"):
        assert 0.0 < np.mean([mean for mean, _, _ in estimates]) < 1.0
