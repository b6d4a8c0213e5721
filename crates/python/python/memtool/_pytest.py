"""`pytest --memtool`: records tests with exact peaks, and fails those that are beyond their budget.

    @pytest.mark.memory(limit="200 MiB", growth="none")
    def test_import():
        ...
"""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from memtool._budgets import JOB, TestBudget, marked, read_budgets
from memtool._config import AdaptiveConfig
from memtool._manager import AdaptiveMemoryManager

if TYPE_CHECKING:
    from _pytest.terminal import TerminalReporter

_CONFIG = "memtool.toml"
# The figures of a test travel from workers of xdist, and into JUnit files, as properties of its report.
_PREFIX = "memtool_"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the options."""
    group = parser.getgroup("memtool", "memory of tests")
    group.addoption("--memtool", action="store_true", help="record the memory of marked tests, and hold it to budgets")
    group.addoption("--memtool-config", metavar="FILE", help=f"budgets of tests [default: {_CONFIG} in the root]")
    group.addoption("--memtool-reports", metavar="FOLDER", default="reports/memory", help="where recordings go")


def pytest_configure(config: pytest.Config) -> None:
    """Registers the mark, and the recording where it is asked for."""
    config.addinivalue_line(
        "markers",
        "memory(limit, growth): with --memtool, the most that a test may need above its start, such as '200 MiB', "
        "and what it may leave behind: 'none' or an amount",
    )
    if not config.getoption("memtool"):
        return
    config.pluginmanager.register(_Table(), "memtool-table")
    # With xdist the tests run in workers: the process that started them has none of its own.
    if hasattr(config, "workerinput") or not _distributes(config):
        config.pluginmanager.register(_Recording(config), "memtool-recording")


def _distributes(config: pytest.Config) -> bool:
    return config.getoption("dist", "no") != "no" and bool(config.getoption("tx", None))


class _Recording:
    """Records the tests of one process."""

    def __init__(self, config: pytest.Config) -> None:
        given = config.getoption("memtool_config")
        path = Path(given) if given else config.rootpath / _CONFIG
        try:
            self._named = read_budgets(path) if given or path.exists() else {}
        except ValueError as error:
            raise pytest.UsageError(str(error)) from error
        # Nothing that the recorder does may change what a test needs.
        settings = AdaptiveConfig(auto_gc_enabled=False, monitoring_interval_seconds=0.5, job=JOB)
        folder = config.rootpath / config.getoption("memtool_reports")
        self._manager = AdaptiveMemoryManager(settings, reports_dir=folder)
        self._budgets: dict[str, TestBudget] = {}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        budgets = {item.nodeid: self._budget(item) for item in items}
        self._budgets = {test: budget for test, budget in budgets.items() if budget is not None}

    def pytest_sessionstart(self) -> None:
        self._manager.start_monitoring()

    def pytest_sessionfinish(self) -> None:
        self._manager.stop_monitoring()

    def _budget(self, item: pytest.Item) -> TestBudget | None:
        mark, named = item.get_closest_marker("memory"), self._named.get(item.nodeid)
        if mark is None:
            return named
        try:
            own = marked(mark.args, mark.kwargs)
        except ValueError as error:
            raise pytest.UsageError(f"{item.nodeid}: {error}") from error
        return TestBudget(own.rise_mb, own.growth_mb, None if named is None else named.peak_mb)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, Any, Any]:
        budget = self._budgets.get(item.nodeid)
        if budget is None:
            return (yield)
        _settle()
        batch = self._manager.batch(item.nodeid, items=1)
        try:
            with batch:
                try:
                    result = yield
                finally:
                    _settle()
        finally:
            figures = _figures(batch.rss_start_mb, batch.rss_peak_mb, batch.rss_end_mb, batch.exact_peak)
            faults = _faults(figures, budget)
            # A test that is run again has the figures of its last attempt.
            kept = [pair for pair in item.user_properties if not pair[0].startswith(_PREFIX)]
            figures["verdict"] = "over" if faults else "within"
            item.user_properties[:] = kept + [(_PREFIX + name, value) for name, value in figures.items()]
        if faults:
            pytest.fail(f"memory: {'; '.join(faults)}", pytrace=False)
        return result


def _settle() -> None:
    """Frees what nothing refers to, and gives free memory back to the system: what a test leaves is its own then."""
    gc.collect()
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (AttributeError, OSError, TypeError):
        # Only glibc has it.
        pass


def _figures(
    start: float | None, peak: float | None, end: float | None, exact: bool
) -> dict[str, float | str | None]:
    def rounded(value: float | None) -> float | None:
        return None if value is None else round(value, 2)

    return {
        "start_mb": rounded(start),
        "peak_mb": rounded(peak),
        "rise_mb": rounded(None if start is None or peak is None else max(peak - start, 0.0)),
        "growth_mb": rounded(None if start is None or end is None else end - start),
        "peak": "exact" if exact else "sampled",
    }


def _faults(figures: dict[str, float | str | None], budget: TestBudget) -> list[str]:
    """What is beyond the budget, and what could not be measured, in words."""
    asked = [
        ("rise_mb", budget.rise_mb, "needed {found:.1f} MiB above its start, limit {most:g} MiB"),
        ("growth_mb", budget.growth_mb, "left {found:.1f} MiB behind, at most {most:g} MiB are accepted"),
        ("peak_mb", budget.peak_mb, "the process reached {found:.1f} MiB, limit {most:g} MiB"),
    ]
    faults = []
    for name, most, words in asked:
        found = figures[name]
        if most is None:
            continue
        if not isinstance(found, float):
            faults.append("memory could not be read")
        elif found > most:
            faults.append(words.format(found=found, most=most))
    return faults


class _Table:
    """Gathers the figures of all processes and prints them."""

    def __init__(self) -> None:
        self._tests: dict[str, dict[str, Any]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        own = {name: value for name, value in report.user_properties if name.startswith(_PREFIX)}
        if report.when == "call" and own:
            self._tests[report.nodeid] = {name[len(_PREFIX) :]: value for name, value in own.items()}

    def pytest_terminal_summary(self, terminalreporter: TerminalReporter, config: pytest.Config) -> None:
        if not self._tests:
            return
        terminalreporter.section("memory (MiB)")
        for line in _lines(self._tests):
            terminalreporter.write_line(line)
        folder = config.getoption("memtool_reports")
        terminalreporter.write_line(f"recordings in {folder}: memtool analyze {folder}")


def _lines(tests: dict[str, dict[str, Any]]) -> list[str]:
    head = ("test", "start", "peak", "above start", "left behind", "")
    names = ("start_mb", "peak_mb", "rise_mb", "growth_mb")

    def cell(value: Any) -> str:
        return f"{value:.1f}" if isinstance(value, float) else "-"

    def row(name: str, test: dict[str, Any]) -> tuple[str, ...]:
        at_least = "" if test["peak"] == "exact" else " (peak: at least)"
        return (name, *(cell(test[one]) for one in names), f"{test['verdict']}{at_least}")

    largest = sorted(tests.items(), key=lambda pair: -(pair[1]["rise_mb"] or 0.0))
    rows = [head, *(row(name, test) for name, test in largest)]
    widths = [max(len(one[column]) for one in rows) for column in range(len(head))]
    return [
        "  ".join(
            [one[0].ljust(widths[0]), *(one[column].rjust(widths[column]) for column in range(1, 5)), one[5]]
        ).rstrip()
        for one in rows
    ]
