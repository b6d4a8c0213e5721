"""Workforce simulation over five years in pandas: monthly scenarios of each batch of employees, hires, leavers and promotions
as frames; the reports of each year are kept, declared, and joined at the end. It waits for a (pretended) database."""
TOTAL, PATTERN, MEMORY, LEAK, CHURN, LENGTH = 20_000, "yearly_reports_kept", "pandas", False, False, "long"
YEARS, STAFF = 5, 4_000


def run(job):
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(3)
    staff = pd.DataFrame({"emp": np.arange(STAFF), "salary": rng.normal(70_000, 15_000, STAFF).clip(25_000), "level": rng.integers(1, 6, STAFF),
                          "tenure": rng.integers(0, 25, STAFF)})
    reports = []

    for year in range(YEARS):
        frames = []

        def work(start, n):
            first = start - year * STAFF
            chosen = staff.iloc[first:first + n]
            scenarios = 60
            rng = np.random.default_rng(start)
            months = chosen.loc[chosen.index.repeat(12 * scenarios)].reset_index(drop=True)
            months["month"] = np.tile(np.repeat(np.arange(12, dtype=np.int8), scenarios), len(chosen))
            months["pay"] = months["salary"] / 12 * rng.normal(1, 0.05, len(months))
            months["leaves"] = rng.random(len(months)) < 0.01 / (1 + months["tenure"] / 10)
            months["promoted"] = rng.random(len(months)) < 0.004
            months.loc[months["promoted"], "pay"] *= 1.08
            job.wait(0.0009 * n)
            report = months.groupby(["emp", "month"]).agg(pay=("pay", "mean"), leaves=("leaves", "mean"), promoted=("promoted", "mean")).reset_index()
            report["year"] = 2026 + year
            frames.append(report)
            job.kept(int(report.memory_usage(index=True).sum()), declared=True)
            job.wait(0.0009 * n)

        with job.stage(f"year_{2026 + year}"):
            job.batches("simulate", year * STAFF, STAFF, work)
        with job.outside("close_year"):
            before = sum(int(frame.memory_usage(index=True).sum()) for frame in frames)
            whole = pd.concat(frames, ignore_index=True)
            frames.clear()
            reports.append(whole)
            job.kept(int(whole.memory_usage(index=True).sum()) - before, declared=True)
            gone = whole.groupby("emp")["leaves"].sum().to_numpy() > 0.5
            staff.loc[gone, "tenure"] = 0
            staff["salary"] *= 1.03
            staff["tenure"] += 1
    with job.outside("join_years"):
        everything = pd.concat(reports, ignore_index=True)
        everything.pivot_table(index="emp", columns=["year", "month"], values="pay").to_numpy().sum()
        job.wait(0.5)
