"""Recorded runs on disk, as the judge reads them."""
import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Run:
    """One run: its outcome and where its files are."""

    stem: str
    outcome: dict

    def file(self, ending):
        return f"{self.stem}.{ending}"

    @property
    def policy(self):
        return self.outcome["settings"]["name"]

    @property
    def size(self):
        return self.outcome["settings"]["batch_sizes"]["high"]

    @property
    def labels(self):
        return self.outcome["labels"]


@dataclass(frozen=True)
class Recorded:
    """All runs of one program."""

    name: str
    runs: list

    def of(self, policy, *, enforced=None, first=True):
        """Its runs under a policy, those of the first repeat alone if `first`."""
        return [run for run in self.runs if run.policy == policy and enforced in (None, run.outcome["limit_enforced"])
                and (not first or run.outcome["rep"] == 1)]

    def fixed(self):
        """{size: its run without a limit}."""
        return {run.size: run for run in self.of("fixed", enforced=False)}

    @property
    def limit_mb(self):
        return next((run.outcome["limit_mb"] for run in self.of("thresholds")), None)

    def killed(self, size):
        """Whether the kernel's limit kills the program at a fixed size: seen, else by what it was charged without one."""
        seen = [run.outcome["oom_killed"] for run in self.of("fixed", enforced=True) if run.size == size]
        return seen[0] if seen else self.fixed()[size].outcome["peak_cgroup_mb"] > self.limit_mb

    def pace(self, run):
        """Items per processor second; on the clock for a program whose batches wait."""
        return run.outcome["items_per_s" if run.labels["pattern"] == "waiting_batches" else "items_per_cpu_s"]

    def best_pace(self):
        """That of the best fixed size that keeps to the limit; None if none does."""
        able = [self.pace(run) for size, run in self.fixed().items() if not self.killed(size)]
        return max(able, default=None)

    def at(self, size, figure):
        """A figure of a size that was not run, from a line through its neighbours that were; `figure` of a run."""
        known = sorted(self.fixed())
        size = min(max(size, known[0]), known[-1])
        below = max(s for s in known if s <= size)
        above = min(s for s in known if s >= size)
        low, high = figure(self.fixed()[below]), figure(self.fixed()[above])
        return low if above == below else low + (high - low) * (size - below) / (above - below)


def read(folder):
    """The programs of a folder such as A, in order of name; none where nothing is recorded yet."""
    programs = []
    for place in sorted(path for path in Path(folder).glob("*") if path.is_dir()):
        runs = [Run(str(path).removesuffix(".outcome.json"), json.loads(path.read_text(encoding="utf-8")))
                for path in sorted(place.glob("*.outcome.json"))]
        if runs:
            programs.append(Recorded(place.name, runs))
    return programs
