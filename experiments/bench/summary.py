"""From rows to the figures of the table."""
from collections import defaultdict
from dataclasses import dataclass, field
from statistics import median


@dataclass
class Cell:
    """All repeats of one policy on one workload."""

    runs: int = 0
    killed: int = 0
    refused: int = 0
    peaks: list = field(default_factory=list)
    cpu_rates: list = field(default_factory=list)
    rates: list = field(default_factory=list)

    @property
    def finished(self):
        """Whether every repeat did."""
        return self.runs > 0 and self.killed == 0 and self.refused == 0

    @property
    def failure(self):
        """What became of it, if not all repeats finished."""
        return "no config" if self.refused else f"killed {self.killed} of {self.runs}"

    @property
    def peak(self):
        """The highest of the repeats: what the machine must have."""
        return max(self.peaks)

    @property
    def cpu_rate(self):
        return median(self.cpu_rates)

    @property
    def rate(self):
        return median(self.rates)


@dataclass
class Outcome:
    """One workload: its cells by policy, and the best fixed size that finished."""

    name: str
    limit_mb: float
    cells: dict
    oracle: str | None

    def fixed(self):
        """(size, cell) of the fixed sizes, rising."""
        return sorted((int(policy.removeprefix("fixed_")), cell) for policy, cell in self.cells.items()
                      if policy.startswith("fixed_"))

    def pace(self, policy):
        """Items per CPU second against the oracle's."""
        cell = self.cells[policy]
        return cell.cpu_rate / self.cells[self.oracle].cpu_rate if cell.finished and self.oracle else None

    def saving(self, policy, against="fixed_1000"):
        """How much lower the peak is than that of another policy, where both finish."""
        cell, other = self.cells[policy], self.cells[against]
        return 1 - cell.peak / other.peak if cell.finished and other.finished else None

    def speedup(self, policy, against):
        cell, other = self.cells[policy], self.cells[against]
        return cell.cpu_rate / other.cpu_rate - 1 if cell.finished and other.finished else None


def outcomes(rows):
    """The workloads in the order of the rows; refuses rows whose work differs."""
    cells, limits, sums = defaultdict(lambda: defaultdict(Cell)), {}, defaultdict(set)
    for row in rows:
        cell = cells[row["workload"]][row["policy"]]
        limits[row["workload"]] = float(row["limit_mb"])
        cell.runs += 1
        if row["outcome"] == "refused":
            cell.refused += 1
            continue
        cell.peaks.append(float(row["peak_mb"]))
        if row["outcome"] == "killed":
            cell.killed += 1
        else:
            cell.cpu_rates.append(float(row["items_per_cpu_s"]))
            cell.rates.append(float(row["items_per_s"]))
            sums[row["workload"]].add(row["checksum"])
    for name, found in sums.items():
        if len(found) > 1:
            raise ValueError(f"{name}: the same work gave different results: {sorted(found)}")
    return [Outcome(name, limits[name], dict(by_policy), _oracle(by_policy)) for name, by_policy in cells.items()]


def _oracle(by_policy):
    """The fixed size that did the most items per CPU second; it must have finished every time."""
    able = [(cell.cpu_rate, policy) for policy, cell in by_policy.items()
            if policy.startswith("fixed_") and cell.finished]
    return max(able)[1] if able else None
