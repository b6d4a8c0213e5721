"""One profile of a million samples, on one processor and on more: what its rows cost where several threads parse them."""

import statistics

from measure import Table, run_once

SAMPLES = 1_000_000


def run(bench):
    profile = bench.profiles(1, SAMPLES)
    builds = {"this": bench.memtool} | ({"earlier": bench.args.beside} if bench.args.beside else {})
    usable = sorted(bench.processors())
    ways = [(name, build, usable[:count]) for count in (1, len(usable)) for name, build in builds.items()]
    # In turn, and the first round warms the cache.
    rounds = [
        [run_once([build, "analyze", profile], answers=(0, 4), processors=processors) for _, build, processors in ways]
        for _ in range(bench.args.repeats + 1)
    ][1:]
    table = Table(f"One profile of {SAMPLES:,} samples", "build", "processors", "CPU s", "wall s", "least CPU s", "least wall s", "peak MiB")
    for (name, _, processors), costs in zip(ways, zip(*rounds)):
        cpu, wall = [cost.cpu for cost in costs], [cost.wall for cost in costs]
        peak = max(cost.peak_mb for cost in costs)
        middle, least = (f"{statistics.median(values):.2f}" for values in (cpu, wall)), (f"{min(values):.2f}" for values in (cpu, wall))
        table.row(name, len(processors), *middle, *least, f"{peak:.0f}")
    size_mb = sum(file.stat().st_size for file in profile.iterdir()) / 1e6
    table.note(f"Medians of {bench.args.repeats} runs in turn of `memtool analyze` of {size_mb:.0f} MB.")
    return table
