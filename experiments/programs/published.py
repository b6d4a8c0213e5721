"""Recorded runs on disk, as the tables read them."""
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
    def labels(self):
        return self.outcome["labels"]


@dataclass(frozen=True)
class Recorded:
    """All runs of one program."""

    name: str
    runs: list

    @property
    def limit_mb(self):
        return next((run.outcome["limit_mb"] for run in self.runs if run.policy == "thresholds"), None)


def read(folder):
    """The programs of a folder such as A, in order of name; none where nothing is recorded yet."""
    programs = []
    for place in sorted(path for path in Path(folder).glob("*") if path.is_dir()):
        runs = [Run(str(path).removesuffix(".outcome.json"), json.loads(path.read_text(encoding="utf-8")))
                for path in sorted(place.glob("*.outcome.json"))]
        if runs:
            programs.append(Recorded(place.name, runs))
    return programs
