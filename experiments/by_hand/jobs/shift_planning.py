"""Shifts of teams as linear programs, sampled and, in part, solved by HiGHS. Each of the four quarters is planned further ahead than the one before, so
that its programs have more days, rows and columns: memory and time of a batch grow because the work does (no leak)."""
TOTAL, PATTERN, MEMORY, LEAK, CHURN = 3_000, "problem_that_grows", "scipy", False, False
SHIFTS, GRADES, BUNDLE = 3, 4, 40


def run(job):
    import functools

    import numpy as np
    from scipy import sparse
    from scipy.optimize import linprog

    with job.outside("demand"):
        rng = np.random.default_rng(17)
        # Two years of demand by hour, for the forecast of every team.
        hours = rng.gamma(4.0, 2.0, (730, 24, 400)).astype(np.float32)
        profile = hours.cumsum(axis=0)
        job.kept(hours.nbytes + profile.nbytes)
        job.wait(0.6)

    spent = []

    @functools.cache
    def rows(days):
        """The cover of each shift from below, the hours of each grade from above; a column for each day, shift and grade."""
        cover = sparse.kron(sparse.eye_array(days * SHIFTS), np.ones((1, GRADES)))
        worked = sparse.kron(np.ones((1, days * SHIFTS)), sparse.eye_array(GRADES))
        return sparse.vstack([-cover, worked], format="csr")

    def program(number, days):
        need = profile[number % 700 + 30, ::8, number % 400] - profile[number % 700, ::8, number % 400]
        need = np.resize(need, days * SHIFTS) / 40
        return rows(days).copy(), np.concatenate([-need, np.full(GRADES, need.sum() / 2)])

    def quarters(start, n):
        """(days, first team, teams) of each quarter that a batch has teams of."""
        for quarter, days in enumerate((4, 9, 16, 28)):
            first, stop = max(start, quarter * TOTAL // 4), min(start + n, (quarter + 1) * TOTAL // 4)
            if first < stop:
                yield days, first, stop - first

    def work(start, n):
        plans = []
        for days, first, teams in quarters(start, n):
            scenarios = np.random.default_rng(first).random((teams, days * SHIFTS * GRADES, 120), dtype=np.float32)
            plans.append((days, [program(number, days) for number in range(first, first + teams)], scenarios))
        job.wait(0.003 * n)
        for days, programs, scenarios in plans:
            cost = 1.0 + scenarios.mean(axis=2, dtype=np.float64)
            spent.append(float((cost.min(axis=1) * days).sum()))
            # One bundle in ten is solved exactly, for comparison.
            for first in range(0, len(programs), BUNDLE * 10):
                bundle = programs[first:first + BUNDLE]
                found = linprog(cost[first:first + len(bundle)].ravel(), sparse.block_diag([own for own, _ in bundle], format="csr"),
                                np.concatenate([limits for _, limits in bundle]), method="highs-ds", options={"presolve": False})
                assert found.status == 0, found.message
                spent.append(found.fun)

    with job.stage("plan"):
        job.batches("plan", 0, TOTAL, work)
    assert min(spent) > 0
