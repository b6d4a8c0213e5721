"""The jobs, and what each says of itself.

A job is a module with TOTAL (items), PATTERN, MEMORY (the library that holds most), LEAK, CHURN and `run(job)`; CHILDREN where worker
processes hold memory, and LENGTH where it is not short.
"""
import hashlib
import importlib
from dataclasses import dataclass
from pathlib import Path

NAMES = sorted(path.stem for path in (Path(__file__).parent / "jobs").glob("[a-z]*.py"))


@dataclass(frozen=True)
class Habit:
    """What a run of a job is to be found with."""

    LEAK: bool
    CHURN: bool


@dataclass(frozen=True)
class HandJob:
    """A job as a recording sees it."""

    name: str
    pattern: str
    memory: str
    items: int
    length: str
    leak: bool
    churn: bool
    addition: str | None = None

    @property
    def seed(self):
        """Its place among the jobs."""
        return NAMES.index(self.name)

    @property
    def module(self):
        """What Python runs."""
        return ("by_hand.job", self.name)

    def habits(self):
        return [Habit(self.leak, self.churn)]


def module(name):
    return importlib.import_module(f"by_hand.jobs.{name}")


def job(name):
    """The job of a name."""
    of = module(name)
    memory = "children" if getattr(of, "CHILDREN", False) else of.MEMORY
    return HandJob(name, of.PATTERN, memory, of.TOTAL, getattr(of, "LENGTH", "short"), of.LEAK, of.CHURN)


def parts():
    """{name: "A" or "B"}, in turn in the order of the names' hashes."""
    ranked = sorted(NAMES, key=lambda name: hashlib.sha256(name.encode()).hexdigest())
    return {name: "AB"[rank % 2] for rank, name in enumerate(ranked)}
