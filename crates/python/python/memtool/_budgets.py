"""The budgets of tests: from their mark, and from `memtool.toml`."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from memtool._amount import mebibytes

# The job that the recordings of tests are runs of.
JOB = "pytest"
# What a test may leave behind that is said to leave nothing: imports and caches of the interpreter fill pages.
NO_GROWTH_MB = 4.0


@dataclass(frozen=True)
class TestBudget:
    """What the memory of one test may do, in MiB."""

    # It is no class of tests.
    __test__ = False

    rise_mb: float | None = None
    """Above its start."""
    growth_mb: float | None = None
    """From its start to its end."""
    peak_mb: float | None = None
    """Of the whole process, while it runs."""


def marked(arguments: tuple[Any, ...], options: Mapping[str, Any]) -> TestBudget:
    """The budget of a test marked `memory(limit="200 MiB", growth="none")`.

    Raises ValueError where the mark cannot be used.
    """
    unknown = sorted(set(options) - {"limit", "growth"})
    if arguments or unknown:
        found = ", ".join([*map(repr, arguments), *unknown])
        raise ValueError(f"the mark memory takes limit=… and growth=…, not {found}")
    limit, growth = options.get("limit"), options.get("growth")
    return TestBudget(
        rise_mb=None if limit is None else mebibytes(limit),
        growth_mb=None if growth is None else NO_GROWTH_MB if growth == "none" else mebibytes(growth),
    )


def read_budgets(path: Path) -> dict[str, TestBudget]:
    """The budgets of tests by their ids: the peaks in `[jobs.pytest.operations."tests/test_a.py::test_b"]`.

    Raises ValueError where the file cannot be used, with the key, or the line and the column.
    """
    if sys.version_info < (3, 11):
        raise ValueError(f"{path}: reading it needs Python 3.11 or newer")
    import tomllib

    try:
        with path.open("rb") as file:
            document = tomllib.load(file)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ValueError(f"{path}: {error}") from error
    jobs = _table(path, document, "jobs")
    job = _table(path, jobs, JOB, "jobs")
    operations = _table(path, job, "operations", f"jobs.{JOB}")
    budgets = {}
    for name in operations:
        keys = _table(path, operations, name, f"jobs.{JOB}.operations")
        if "peak" in keys:
            try:
                budgets[name] = TestBudget(peak_mb=mebibytes(keys["peak"]))
            except ValueError as error:
                raise ValueError(f"{path}: peak of {name}: {error}") from error
    return budgets


def _table(path: Path, parent: dict[str, Any], name: str, above: str = "") -> dict[str, Any]:
    found = parent.get(name, {})
    if not isinstance(found, dict):
        raise ValueError(f"{path}: {f'{above}.{name}'.lstrip('.')}: expected a table, found {found!r}")
    return found
