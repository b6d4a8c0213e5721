"""What came of all kills."""
from collections import defaultdict
from dataclasses import dataclass, field

TITLES = ["missing starts: median, p99, max", "missing ends", "newest record"]


def _quantiles(ages):
    ages = sorted(ages)
    at = [ages[min(int(share * len(ages)), len(ages) - 1)] * 1e3 for share in (0.5, 0.99, 1.0)]
    return " ".join(f"{age:9.1f}" for age in at)


@dataclass
class Tally:
    """What came of all kills; its text is the table of the documents, ages at the kill in ms."""

    ages: dict = field(default_factory=lambda: defaultdict(list))
    faults: list = field(default_factory=list)
    # Streams with samples, which memtool read.
    read: int = 0

    def _row(self, disk, job):
        kills = self.ages[disk, job]
        streams = [ages for ages in kills if ages is not None]
        columns = [_quantiles(column) for column in zip(*streams)] or [""]
        # Seen from outside there are no batches, and a recorder that outlives its job closes its stream.
        columns = {"record": ["", "", columns[-1]], "recorded job": []}.get(job, columns)
        return f"{disk:7} {job:13} {len(kills):6} {len(streams):7}" + "".join(f"{column:>33}" for column in columns)

    def __str__(self):
        head = f"{'disk':7} {'killed':13} {'kills':>6} {'streams':>7}" + "".join(f"{title:>33}" for title in TITLES)
        rows = [self._row(*key) for key in sorted(self.ages)]
        kills = sum(map(len, self.ages.values()))
        last = f"{kills} kills, {len(self.faults)} promises broken; {self.read} streams with samples read back, each reported as it ended"
        return "\n".join([head, *rows, *self.faults, last])
