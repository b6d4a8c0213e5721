"""The results as Markdown."""
from statistics import median

from bench.policies import POLICIES
from bench.plan import machine

TITLES = {"fixed_1000": "fixed 1000", "fixed_500": "fixed 500", "compatible": "compatible thresholds",
          "tuned": "tuned thresholds", "predictive": "predictive"}


def markdown(outcomes, versions, repeats):
    """The whole page."""
    parts = [_head(versions, repeats), _overall(outcomes), "![peak and pace of every policy](peak_and_pace.png)\n",
             _targets(outcomes), "![against the best fixed size](summary.png)\n",
             _peaks(outcomes), _paces(outcomes), _wall(outcomes), _sweep(outcomes)]
    return "\n".join(parts)


def _head(versions, repeats):
    return (f"# Results\n\nWritten by `experiments/run`, from [runs.csv](runs.csv). Repeats: {repeats}, interleaved, one run "
            f"at a time on one processor.\n{machine()}; {versions}.\n\n"
            "The *oracle* is the fixed size that finished under the limit in every repeat with the most items per CPU "
            "second. Peaks are the kernel's\nhigh-water mark of the control group, the highest of the repeats; speeds are "
            "medians.\n")


def _table(head, rows):
    line = lambda cells: "| " + " | ".join(cells) + " |"
    return "\n".join([line(head), "|" + "---|" * len(head), *map(line, rows)]) + "\n"


def _percent(value, signed=False):
    return "–" if value is None else f"{value * 100:+.0f} %" if signed else f"{value * 100:.0f} %"


def _overall(outcomes):
    rows = []
    for policy in POLICIES:
        cells = [o.cells[policy] for o in outcomes]
        savings = [s for o in outcomes if (s := o.saving(policy)) is not None]
        paces = [p for o in outcomes if (p := o.pace(policy)) is not None]
        rows.append([TITLES[policy], f"{sum(c.killed for c in cells)} of {sum(c.runs for c in cells)}",
                     f"{sum(c.finished for c in cells)} of {len(outcomes)}",
                     _percent(median(savings)) if savings else "–", _percent(median(paces)) if paces else "–",
                     _percent(min(paces)) if paces else "–"])
    return _table(["policy", "runs killed", "workloads always finished", "peak below fixed 1000, median",
                   "items per CPU s against the oracle, median", "worst"], rows)


def _targets(outcomes):
    """What was asked for, workload by workload, misses as they are."""
    rows = []
    for policy in ("tuned", "predictive"):
        able = [o for o in outcomes if o.oracle]
        missed = {
            "finishes what any fixed size finishes": [o.name for o in able if not o.cells[policy].finished],
            "95 % of the oracle's items per CPU second or more":
                [f"{o.name} ({_percent(p)})" for o in able if (p := o.pace(policy)) is not None and p < 0.95],
            "peak 20 % or more below fixed 1000, where that finishes":
                [f"{o.name} ({_percent(s)})" for o in able if (s := o.saving(policy)) is not None and s < 0.2],
            "not slower than fixed 500 and no higher peak":
                [f"{o.name} (speed {_percent(o.speedup(policy, 'fixed_500'), True)}, peak "
                 f"{_percent(-o.saving(policy, 'fixed_500'), True)})" for o in able
                 if o.speedup(policy, "fixed_500") is not None
                 and (o.speedup(policy, "fixed_500") < 0 or o.saving(policy, "fixed_500") < 0)],
        }
        rows += [[TITLES[policy], target, f"{len(misses)}", ", ".join(misses) or "none"] for target, misses in missed.items()]
    return "## Against the targets\n\n" + _table(["policy", "target", "misses", "where"], rows)


def _peaks(outcomes):
    def entry(o, policy):
        cell = o.cells[policy]
        return f"{cell.peak:.0f}" if cell.finished else f"**{cell.failure}**"
    rows = [[f"`{o.name}`", f"{o.limit_mb:.0f}", *(entry(o, policy) for policy in POLICIES)] for o in outcomes]
    return "## Peak, MB\n\n" + _table(["workload", "limit", *(TITLES[p] for p in POLICIES)], rows)


def _paces(outcomes):
    def entry(o, policy):
        cell = o.cells[policy]
        return f"{cell.cpu_rate:.0f} ({_percent(o.pace(policy))})" if cell.finished else cell.failure
    rows = [[f"`{o.name}`", o.oracle.removeprefix("fixed_") if o.oracle else "none",
             f"{o.cells[o.oracle].cpu_rate:.0f}" if o.oracle else "–", *(entry(o, policy) for policy in POLICIES)] for o in outcomes]
    return "## Items per CPU second, and against the oracle\n\n" + _table(
        ["workload", "oracle's size", "oracle", *(TITLES[p] for p in POLICIES)], rows)


def _wall(outcomes):
    def entry(o, policy):
        cell = o.cells[policy]
        return f"{cell.rate:.0f}" if cell.finished else cell.failure
    rows = [[f"`{o.name}`", *(entry(o, policy) for policy in POLICIES)] for o in outcomes]
    return "## Items per second\n\n" + _table(["workload", *(TITLES[p] for p in POLICIES)], rows)


def _sweep(outcomes):
    sizes = sorted({size for o in outcomes for size, _ in o.fixed()})
    def entry(o, size):
        cell = dict(o.fixed()).get(size)
        if cell is None:
            return "–"
        return f"{cell.cpu_rate:.0f} at {cell.peak:.0f}" if cell.finished else cell.failure
    rows = [[f"`{o.name}`", *(entry(o, size) for size in sizes)] for o in outcomes]
    return "## The sweep: items per CPU second at MB\n\n" + _table(["workload", *map(str, sizes)], rows)
