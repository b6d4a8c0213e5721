"""Jobs drawn from seeds: the same seed gives the same job, and what it says it did is what it did."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from conftest import REPOSITORY

PARTS = ("corpus", "draw", "driver", "job", "patterns", "published", "split")


@pytest.fixture
def programs(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    monkeypatch.syspath_prepend(str(REPOSITORY / "experiments"))
    yield SimpleNamespace(**{name: importlib.import_module(f"programs.{name}") for name in PARTS})
    for name in [name for name in sys.modules if name.split(".")[0] == "programs"]:
        del sys.modules[name]


def ran(programs: SimpleNamespace, path: Path, pattern: str) -> tuple[Any, list[dict[str, Any]]]:
    """A short program of a pattern, without additions, and the lines of its truth."""
    seed = programs.patterns.NAMES.index(pattern)
    small = replace(programs.draw.program(seed), addition=None, memory="buffers", items=300, item_kb=8.0, seconds=0.1)
    job = programs.job.Job(small, programs.driver.Plain(100), path)
    job.run()
    return job, programs.corpus.lines(path)


def test_a_seed_gives_the_same_program_and_another_seed_another(programs: SimpleNamespace) -> None:
    first, again, other = (programs.draw.program(seed) for seed in (5, 5, 26))
    assert first == again and first.digest == again.digest
    assert first.pattern == other.pattern and first.digest != other.digest
    numbers = [vars(program.habits()[0]) | {"program": None} for program in (first, again)]
    assert numbers[0] == numbers[1]


def test_both_parts_have_every_pattern(programs: SimpleNamespace) -> None:
    drawn = [programs.draw.program(seed) for seed in range(2 * len(programs.patterns.NAMES))]
    parts = programs.split.split(drawn)
    found = {(program.pattern, parts[program.name]) for program in drawn}
    assert found == {(pattern, part) for pattern in programs.patterns.NAMES for part in "AB"}


def test_what_a_program_leaks_is_in_its_truth(programs: SimpleNamespace, tmp_path: Path) -> None:
    job, truth = ran(programs, tmp_path / "truth", "slow_leak")
    habit = job.habits[0]
    leaked = [line["leaked_mb"] for line in truth if line["ev"] == "batch"]
    assert leaked == pytest.approx([habit.total_mb * part / 3 for part in (1, 2, 3)], abs=habit.block / 2**20 + 0.001)
    held = sum(len(block) for blocks in job._leaked for block in blocks)
    assert truth[-1]["ev"] == "end" and truth[-1]["leaked_mb"] == pytest.approx(held / 2**20, abs=0.001)


def test_results_that_are_kept_are_released_after_the_last_batch(
    programs: SimpleNamespace, tmp_path: Path
) -> None:
    job, truth = ran(programs, tmp_path / "truth", "kept_results")
    total = job.habits[0].total_mb
    batches = [line for line in truth if line["ev"] == "batch"]
    join = next(line for line in truth if line["ev"] == "outside")
    assert batches[-1]["kept_mb"] == pytest.approx(total, abs=0.1)
    assert join["peak_mb"] - batches[-1]["rss_mb"] == pytest.approx(total, rel=0.05)
    assert join["kept_mb"] == truth[-1]["kept_mb"] == truth[-1]["leaked_mb"] == 0.0
    assert not any(habit.LEAK for habit in job.habits)


def test_a_stream_becomes_a_corpus(programs: SimpleNamespace) -> None:
    path = REPOSITORY / "fixtures/recorded/memory_stream_compatible.ndjson"
    written = [json.loads(line) for line in path.read_text().splitlines()]
    recorded = programs.corpus.Recorded(path)
    samples, events = recorded.samples(), recorded.events({1: 2.5}, {})
    kinds = [record["type"] for record in written]
    history = recorded.profile(samples)["history"]
    assert len(samples) == kinds.count("snapshot") == len(history) - 1
    assert [row["operation"] == "statistics" for row in history] == [False] * len(samples) + [True], "the closing sample is the last"
    ends = [event for event in events if event["ev"] == "batch_end"]
    assert len(ends) == kinds.count("batch_end") and ends[0]["leaked_mb"] == 2.5
    assert sum(event["ev"] == "level" for event in events) == kinds.count("decision")


def test_recorded_programs_are_still_drawn_and_read_the_same(programs: SimpleNamespace) -> None:
    found = programs.published.read(REPOSITORY / "fixtures/programs")
    assert len(found) == 6
    for run in (run for program in found for run in program.runs):
        drawn = programs.draw.program(run.outcome["seed"])
        recorded = programs.corpus.Recorded(Path(run.file("stream.ndjson")))
        truth, samples = programs.corpus.lines(Path(run.file("truth.ndjson"))), recorded.samples()
        labels = programs.corpus.labels(drawn, recorded, samples, recorded.events({}, {}), truth)
        assert (drawn.name, labels) == (run.outcome["workload"], run.labels)


def test_a_peak_between_batches_is_in_the_truth(programs: SimpleNamespace) -> None:
    path = next((REPOSITORY / "fixtures/programs/wide_step_011").glob("*.truth.ndjson"))
    truth = programs.corpus.lines(path)
    batches = [line["peak_mb"] for line in truth if line["ev"] == "batch"]
    outside = [line["peak_mb"] for line in truth if line["ev"] == "outside"]
    assert len(outside) == 1 and outside[0] > 1.4 * max(batches)
    assert truth[-1]["peak_mb"] >= outside[0]


def test_each_job_by_hand_says_what_it_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(REPOSITORY / "experiments"))
    catalog = importlib.import_module("by_hand.catalog")
    jobs = [catalog.job(name) for name in catalog.NAMES]
    parts = catalog.parts()
    assert len({job.pattern for job in jobs}) == len(jobs) and all(job.items > 0 for job in jobs)
    assert {part: list(parts.values()).count(part) for part in "AB"} == {"A": len(jobs) // 2, "B": len(jobs) // 2}
    assert {parts[job.name] for job in jobs if job.leak} == {"A", "B"}
    assert all(callable(catalog.module(job.name).run) for job in jobs)
