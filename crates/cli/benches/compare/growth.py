"""Time and memory of one analysis as a run, or the number of files, grows, and the exponent of both."""

import math

from measure import Table

# From here on the start of the program is a small part.
SAMPLES_FROM, FILES_FROM = 10**6, 10**3
# Samples of each of many files.
FEW = 100


def exponent(points):
    """The slope of a straight line through the logarithms."""
    logs = [(math.log(x), math.log(y)) for x, y in points]
    x0, y0 = (sum(values) / len(logs) for values in zip(*logs))
    return sum((x - x0) * (y - y0) for x, y in logs) / sum((x - x0) ** 2 for x, _ in logs)


class Growth:
    """Costs by size."""

    def __init__(self):
        self.times, self.peaks = [], []

    def add(self, size, cost):
        self.times.append((size, max(cost.cpu, 1e-4)))
        self.peaks.append((size, cost.peak_mb))

    def note(self, least, of):
        def fitted(points, least):
            some = [point for point in points if point[0] >= least]
            return f"{exponent(some):.2f}" if len(some) > 1 else "-"

        return (
            f"Exponents over all {of}: time {fitted(self.times, 0)}, memory {fitted(self.peaks, 0)}; from {least:,} on, where "
            f"the start no longer counts: time {fitted(self.times, least)}, memory {fitted(self.peaks, least)}."
        )


def of_samples(bench, table):
    """One stream, longer and longer; the longest is removed again: it takes 10 GB."""
    growth = Growth()
    for power in range(3, bench.args.largest + 1):
        samples = 10**power
        stream = bench.stream(samples)
        cost = bench.cost([bench.memtool, "analyze", stream], repeats=1 if power >= 8 else None)
        growth.add(samples, cost)
        table.row(
            "1", f"10^{power}", f"{cost.cpu:.3f}", f"{1e9 * cost.cpu / samples:.0f} ns a sample", f"{cost.peak_mb:.0f}"
        )
        if power >= 8:
            stream.unlink()
    table.note(growth.note(SAMPLES_FROM, "lengths"))


def of_files(bench, table):
    """Many streams of a few samples."""
    growth = Growth()
    for power in range(0, bench.args.most_files + 1):
        files = 10**power
        cost = bench.cost([bench.memtool, "analyze", "--format", "json", bench.short_streams(files, FEW)])
        growth.add(files, cost)
        table.row(
            f"10^{power}", FEW, f"{cost.cpu:.3f}", f"{1e6 * cost.cpu / files:.0f} µs a file", f"{cost.peak_mb:.0f}"
        )
    table.note(growth.note(FILES_FROM, "numbers of files"))


def run(bench):
    table = Table("Growth, streams", "files", "samples of each", "CPU s", "each", "peak MiB")
    of_samples(bench, table)
    of_files(bench, table)
    return table
