"""`pytest --memtool` on tests of our own making, in processes of their own."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from memtool._amount import mebibytes
from memtool._budgets import NO_GROWTH_MB, marked, read_budgets

TESTS = '''
import pytest

kept = []


@pytest.mark.memory(limit="80 MiB", growth="none")
def test_small():
    assert len(bytearray(50 << 20)) > 0


@pytest.mark.memory(limit="80 MiB")
def test_large():
    assert len(bytearray(150 << 20)) > 0


@pytest.mark.memory(growth="none")
def test_leak():
    kept.append(b"x" * (30 << 20))


@pytest.mark.memory(limit="80 MiB")
def test_fails_by_itself():
    assert False, "its own fault"


def test_unmarked():
    pass
'''


def run(folder: Path, *options: str, tests: str = TESTS) -> tuple[subprocess.CompletedProcess[str], dict[str, str]]:
    """Runs tests in a folder; also gives the last column of the table by test."""
    (folder / "test_it.py").write_text(tests)
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-W", "error", "-q", *options]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
    rows = re.findall(r"^test_it\.py::(\S+)\s+[\d.-]+\s+[\d.-]+\s+[\d.-]+\s+-?[\d.-]+\s+(.*)$", done.stdout, re.M)
    return done, dict(rows)


def test_tests_beyond_their_budget_fail_and_all_marked_ones_are_recorded(tmp_path: Path) -> None:
    done, rows = run(tmp_path, "--memtool")
    assert done.returncode == 1, done.stdout + done.stderr
    assert rows == {"test_small": "within", "test_large": "over", "test_leak": "over", "test_fails_by_itself": "within"}
    assert "3 failed, 2 passed" in done.stdout, done.stdout
    assert re.search(r"memory: needed 1[45]\d\.\d MiB above its start, limit 80 MiB", done.stdout), done.stdout
    assert re.search(r"memory: left (29|3\d)\.\d MiB behind, at most 4 MiB are accepted", done.stdout), done.stdout
    assert "its own fault" in done.stdout
    [stream] = (tmp_path / "reports/memory").glob("*.ndjson")
    records = [json.loads(line) for line in stream.read_text().splitlines()]
    assert records[0]["process"]["job"] == "pytest"
    peaks = {r["operation"]: r["batch"] for r in records if r["type"] == "batch_start"}
    assert set(peaks) == {f"test_it.py::{name}" for name in rows}
    ends = {r["batch"]: r for r in records if r["type"] == "batch_end"}
    assert all(ends[batch]["peak_source"] == "high_water_mark" for batch in peaks.values())


def test_without_the_option_nothing_is_recorded_and_the_mark_is_known(tmp_path: Path) -> None:
    done, rows = run(tmp_path, "--strict-markers", "--deselect", "test_it.py::test_fails_by_itself")
    assert (done.returncode, rows) == (0, {}), done.stdout
    assert not (tmp_path / "reports").exists()


def test_with_workers_the_table_holds_all_tests(tmp_path: Path) -> None:
    pytest.importorskip("xdist")
    done, rows = run(tmp_path, "--memtool", "-n", "2")
    assert rows["test_small"] == "within" and rows["test_large"] == "over" and len(rows) == 4, done.stdout
    assert len(list((tmp_path / "reports/memory").glob("*.ndjson"))) == 2


def test_a_test_that_is_run_again_has_the_figures_of_its_last_attempt(tmp_path: Path) -> None:
    pytest.importorskip("pytest_rerunfailures")
    tests = '''
import pytest

attempts = []


@pytest.mark.memory(limit="80 MiB")
def test_flaky():
    attempts.append(1)
    bytearray((150 if len(attempts) == 1 else 10) << 20)
'''
    done, rows = run(tmp_path, "--memtool", "--reruns", "2", tests=tests)
    assert (done.returncode, rows) == (0, {"test_flaky": "within"}), done.stdout
    assert "1 rerun" in done.stdout


def test_budgets_of_the_file_are_obeyed(tmp_path: Path) -> None:
    (tmp_path / "memtool.toml").write_text('[jobs.pytest.operations."test_it.py::test_unmarked"]\npeak = "<= 1 MiB"\n')
    done, rows = run(tmp_path, "--memtool", "-k", "unmarked")
    assert (done.returncode, rows) == (1, {"test_unmarked": "over"}), done.stdout
    assert re.search(r"the process reached \d+\.\d MiB, limit 1 MiB", done.stdout)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a = = 1\n", "line 1, column 5"),
        ("jobs = 5", "jobs: expected a table, found 5"),
        ('[jobs.pytest.operations."a"]\npeak = "much"', "peak of a: expected an amount of memory"),
    ],
)
def test_a_file_that_cannot_be_used_is_a_usage_error(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "memtool.toml").write_text(text)
    with pytest.raises(ValueError, match=re.escape(words)):
        read_budgets(tmp_path / "memtool.toml")
    done, _ = run(tmp_path, "--memtool")
    assert done.returncode == 4 and words in done.stderr + done.stdout


def test_a_mark_that_cannot_be_used_is_a_usage_error(tmp_path: Path) -> None:
    done, _ = run(tmp_path, "--memtool", tests=TESTS.replace('limit="80 MiB"', 'most="80 MiB"'))
    assert done.returncode != 0 and "takes limit=" in done.stderr + done.stdout
    with pytest.raises(ValueError, match="takes limit"):
        marked(("200 MiB",), {})
    assert marked((), {"growth": "none"}).growth_mb == NO_GROWTH_MB


def test_amounts_are_read_as_the_command_reads_them() -> None:
    written = ["200 MiB", "<= 200MB", "1.5GiB", "2g", "512 KiB", 200, "1048576B"]
    assert [mebibytes(amount) for amount in written] == [200.0, 200.0, 1536.0, 2048.0, 0.5, 200.0, 1.0]
    for amount in ["", "0", "-5 MiB", ">= 5 MiB", "5 apples", "nan", True, None, 0, float("nan")]:
        with pytest.raises(ValueError, match="expected an amount"):
            mebibytes(amount)
