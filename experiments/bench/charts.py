"""The results as pictures."""
import math

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

from bench.policies import POLICIES  # noqa: E402
from bench.report import TITLES  # noqa: E402

# Colours that stay apart for colour-blind eyes (Okabe and Ito), with marks of their own.
STYLES = {"fixed_1000": ("#000000", "s"), "fixed_500": ("#999999", "s"), "compatible": ("#E69F00", "^"),
          "tuned": ("#0072B2", "D"), "predictive": ("#D55E00", "o")}


def peak_and_pace(outcomes, path):
    """For each workload, every policy at its peak and its speed."""
    columns = 3
    figure, axes = plt.subplots(math.ceil(len(outcomes) / columns), columns, squeeze=False,
                                figsize=(12, 3.1 * math.ceil(len(outcomes) / columns) + 0.6), layout="constrained")
    for axis, outcome in zip(axes.flat, outcomes):
        _one(axis, outcome)
    for axis in axes.flat[len(outcomes):]:
        axis.set_axis_off()
    for axis in axes[:, 0]:
        axis.set_ylabel("speed against oracle, %")
    for axis in axes[-1]:
        axis.set_xlabel("peak, MB")
    marks = [plt.Line2D([], [], color=colour, marker=mark, linestyle="") for colour, mark in STYLES.values()]
    marks += [plt.Line2D([], [], color="#bbbbbb", marker="."), plt.Line2D([], [], color="#cc0000", linestyle="--")]
    figure.legend(marks, [*(TITLES[p] for p in STYLES), "other fixed sizes", "limit (killed)"], loc="outside upper center",
                  ncols=7, frameon=False)
    figure.savefig(path, dpi=110)
    plt.close(figure)


def _one(axis, outcome):
    axis.set_title(f"{outcome.name}", fontsize=10)
    axis.axvline(outcome.limit_mb, color="#cc0000", linestyle="--", linewidth=1)
    if outcome.oracle is None:
        return
    best = outcome.cells[outcome.oracle].cpu_rate
    curve = [(cell.peak, 100 * cell.cpu_rate / best) for _, cell in outcome.fixed() if cell.finished]
    axis.plot(*zip(*curve), color="#bbbbbb", marker=".", zorder=1)
    lowest = min(pace for _, pace in curve)
    for policy, (colour, mark) in STYLES.items():
        cell = outcome.cells[policy]
        if cell.finished:
            pace = 100 * outcome.pace(policy)
            lowest = min(lowest, pace)
            axis.plot(cell.peak, pace, color=colour, marker=mark, linestyle="", markersize=7, zorder=3)
    for policy, (colour, mark) in STYLES.items():
        if outcome.cells[policy].killed:
            axis.plot(outcome.limit_mb, lowest - 2, color=colour, marker="x", markersize=9, markeredgewidth=2, zorder=3)
    axis.set_ylim(lowest - 5, 104)
    axis.set_xlim(left=0)
    axis.grid(alpha=0.25)


def summary(outcomes, path):
    """For each workload, speed against the oracle and peak as a share of the limit."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(12, 0.62 * len(outcomes) + 1.6), sharey=True, layout="constrained")
    height = 0.8 / len(POLICIES)
    for place, policy in enumerate(POLICIES):
        colour = STYLES[policy][0]
        for row, outcome in enumerate(outcomes):
            y = row + (place - (len(POLICIES) - 1) / 2) * height
            cell, pace = outcome.cells[policy], outcome.pace(policy)
            if pace is None:
                left.text(1, y, cell.failure, va="center", fontsize=6, color=colour)
            if cell.killed:
                right.barh(y, 100 * cell.peak / outcome.limit_mb, height, color=colour, alpha=0.35, hatch="///")
            elif pace is not None:
                left.barh(y, 100 * pace, height, color=colour)
                right.barh(y, 100 * cell.peak / outcome.limit_mb, height, color=colour)
    left.axvline(95, color="#009E73", linewidth=1, linestyle=":")
    left.set_xlim(0, 120)
    left.set_yticks(range(len(outcomes)), [o.name for o in outcomes])
    left.invert_yaxis()
    left.set_xlabel("items per CPU second, % of the best fixed size (dotted: 95 %)")
    right.set_xlabel("peak, % of the limit (hatched: killed)")
    bars = [plt.Rectangle((0, 0), 1, 1, color=STYLES[p][0]) for p in POLICIES]
    figure.legend(bars, [TITLES[p] for p in POLICIES], loc="outside upper center", ncols=5, frameon=False)
    figure.savefig(path, dpi=110)
    plt.close(figure)
