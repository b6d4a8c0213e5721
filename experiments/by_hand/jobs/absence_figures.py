"""Absence by team: of every 40 teams a heat map goes to a PNG file. pyplot keeps each figure that is not closed, with its canvas and its
data (a leak, of which pyplot warns)."""
TOTAL, PATTERN, MEMORY, LEAK, CHURN = 2_600, "figures_left_open", "matplotlib", True, False
WIDE, HIGH, DPI = 7, 4, 100
# What the axes, ticks, texts and the scaled picture of a figure take besides its canvas and data, as measured over a hundred of them.
ARTISTS = 560_000


def run(job):
    with job.outside("load"):
        import matplotlib

        matplotlib.use("Agg")
        import numpy as np
        from matplotlib import pyplot

    def figure(team, days):
        whole, axes = pyplot.subplots(figsize=(WIDE, HIGH), dpi=DPI)
        axes.imshow(days, aspect="auto", interpolation="nearest")
        axes.set(title=f"Absence from team {team} on", xticks=(0, 91, 182, 273, 364), yticks=(0, 20, 39))
        whole.savefig(f"absence_{team % 10}.png")
        job.leaked(WIDE * HIGH * DPI * DPI * 4 + days.nbytes + ARTISTS)

    def work(start, n):
        rng = np.random.default_rng(start)
        people = rng.random((n, 25, 365), dtype=np.float32)
        season = 1.0 + 0.5 * np.sin(np.arange(365, dtype=np.float32) / 58)
        absent = people * season < 0.08
        share = absent.mean(axis=1)
        job.wait(0.0025 * n)
        for k in range(n):
            if (start + k) % 40 == 39:
                figure(start + k, share[max(0, k - 39):k + 1].copy())

    with job.stage("figures"):
        job.batches("figures", 0, TOTAL, work)
