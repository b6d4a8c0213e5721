"""Time and memory of one analysis as a run grows, and the exponent of both."""

import math

from measure import Table


def exponent(points):
    """The slope of a straight line through the logarithms."""
    logs = [(math.log(x), math.log(y)) for x, y in points]
    x0, y0 = (sum(values) / len(logs) for values in zip(*logs))
    return sum((x - x0) * (y - y0) for x, y in logs) / sum((x - x0) ** 2 for x, _ in logs)


def run(bench):
    table = Table("Growth of one run, a stream", "samples", "CPU s", "ns per sample", "peak MiB", "peak MiB, --memory-budget 200")
    times, peaks = [], []
    for power in range(3, bench.args.largest + 1):
        samples = 10**power
        stream = bench.stream(samples)
        repeats = 1 if power >= 7 else None
        cost = bench.cost([bench.memtool, "analyze", stream], repeats=repeats)
        small = bench.cost([bench.memtool, "analyze", stream, "--memory-budget", "200"], repeats=repeats)
        times.append((samples, max(cost.cpu, 1e-4)))
        peaks.append((samples, cost.peak_mb))
        table.row(
            f"10^{power}", f"{cost.cpu:.3f}", f"{1e9 * cost.cpu / samples:.0f}", f"{cost.peak_mb:.0f}", f"{small.peak_mb:.0f}"
        )
    table.note(
        f"Exponents over all sizes: time {exponent(times):.2f}, memory {exponent(peaks):.2f}; from 10^5 on, where the "
        f"start no longer counts: time {exponent(times[2:]):.2f}, memory {exponent(peaks[2:]):.2f}."
    )
    return table
