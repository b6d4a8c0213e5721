"""Batches: sizes that are really consumed, exact peaks, exceptions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy
import pandas
import polars
import pyarrow
import pytest
from memtool import (
    AdaptiveConfig,
    AdaptiveMemoryManager,
    BatchSizeConfig,
    FakeMemory,
    Profile,
    Predictive,
    load_profile,
)


def manager(tmp_path: Path, memory: FakeMemory | None = None, **settings: Any) -> AdaptiveMemoryManager:
    config = AdaptiveConfig(batch_sizes=BatchSizeConfig(10, 20, 40, 5), **settings)
    return AdaptiveMemoryManager(config, reports_dir=tmp_path, memory=memory or FakeMemory(100.0, 16_000.0))


def read_back(ours: AdaptiveMemoryManager) -> Profile:
    ours.stop_monitoring()
    assert ours.stream_path is not None
    return load_profile(ours.stream_path)


SEQUENCES: list[Any] = [
    list(range(95)),
    tuple(range(95)),
    range(95),
    "x" * 95,
    numpy.arange(95),
    pandas.Series(range(95), index=range(1000, 1095)),
    pandas.DataFrame({"a": range(95)}, index=[f"row {number}" for number in range(95)]),
    polars.DataFrame({"a": range(95)}),
    pyarrow.table({"a": range(95)}),
    iter(range(95)),
]


@pytest.mark.parametrize("sequence", SEQUENCES, ids=lambda sequence: type(sequence).__qualname__)
def test_any_sequence_is_sliced_and_each_slice_recorded(sequence: Any, tmp_path: Path) -> None:
    kind = type(sequence)
    with manager(tmp_path) as ours:
        slices = list(ours.iter_batches(sequence, "load"))
    assert [len(part) for part in slices] == [40, 40, 15], "memory is low: the size is high"
    if hasattr(sequence, "__len__"):
        assert all(isinstance(part, kind) for part in slices)
    batches = read_back(ours).batches
    assert batches["items"] == [40, 40, 15]
    assert batches["operation"] == ["load"] * 3
    assert None not in batches["seconds"]


def test_slices_hold_each_item_once_and_in_order(tmp_path: Path) -> None:
    ours = manager(tmp_path)
    assert [item for part in ours.iter_batches(range(95), "a") for item in part] == list(range(95))
    assert [item for part in ours.iter_batches(iter(range(95)), "a") for item in part] == list(range(95))
    frame = pandas.DataFrame({"a": range(95)}, index=numpy.linspace(0, 1, 95))
    assert pandas.concat(list(ours.iter_batches(frame, "a"))).equals(frame)
    assert list(ours.iter_batches([], "a")) == []


def test_the_size_is_asked_for_right_before_each_batch(tmp_path: Path) -> None:
    memory = FakeMemory(100.0, 16_000.0)
    ours = manager(tmp_path, memory)
    ours.force_memory_check()
    lengths = []
    for number, part in enumerate(ours.iter_batches(range(200), "load")):
        lengths.append(len(part))
        memory.set([2_100.0, 3_100.0, 3_600.0, 100.0, 100.0][min(number, 4)], 16_000.0)
        ours.force_memory_check()
    assert lengths == [40, 20, 10, 5, 40, 40, 40, 5]


def test_a_batch_ends_with_its_block_whatever_happens(tmp_path: Path) -> None:
    ours = manager(tmp_path)
    with pytest.raises(ZeroDivisionError):
        with ours.batch("load", items=7) as batch:
            assert (batch.operation, batch.items) == ("load", 7)
            1 / 0
    with pytest.raises(KeyError):
        for _ in ours.iter_batches(range(100), "loop"):
            raise KeyError
    for _ in ours.iter_batches(range(100), "broken off"):
        break
    with ours:
        pass
    batches = read_back(ours).batches
    assert batches["operation"] == ["load", "loop", "broken off"]
    assert None not in batches["seconds"], "each has ended"
    assert batches["overlapping"] == [False] * 3


def test_peaks_between_samples_are_exact(tmp_path: Path) -> None:
    config = AdaptiveConfig(monitoring_interval_seconds=60.0)
    with AdaptiveMemoryManager(config, reports_dir=tmp_path) as ours:
        with ours.batch("spike", items=1):
            spike = bytearray(b"x") * (200 << 20)
            del spike
    batches = read_back(ours).batches
    if batches["peak_source"] == ["sampled"]:
        pytest.skip("the kernel's high-water mark cannot be reset here")
    assert batches["peak_rss_mb"][0] - batches["rss_start_mb"][0] > 190
    assert batches["rss_end_mb"][0] - batches["rss_start_mb"][0] < 50


def test_the_operation_in_force_labels_samples_and_batches(tmp_path: Path) -> None:
    ours = manager(tmp_path, monitoring_interval_seconds=60.0)
    with ours:
        with ours.operation("hiring"):
            ours.force_memory_check()
            with ours.batch(items=3):
                pass
        ours.force_memory_check()
        ours.operation("report")
        ours.force_memory_check()
    read = read_back(ours)
    assert read.snapshots["operation"] == [None, "hiring", None, "report"]
    assert read.batches["operation"] == ["hiring"]


def test_predicted_sizes_keep_the_peak_below_the_limit(tmp_path: Path) -> None:
    """Each item needs a MiB, and 150 are left: from levels alone the size would be 1000."""
    without = AdaptiveMemoryManager(AdaptiveConfig(stream=False))
    limit = without.force_memory_check().rss_mb + 150
    config = AdaptiveConfig(
        predictive=Predictive(), monitoring_interval_seconds=60.0, memory_limit_mb=limit
    )
    sizes: list[int] = []
    with AdaptiveMemoryManager(config, reports_dir=tmp_path / "run") as ours:
        left = 600
        while left:
            size = min(left, ours.get_current_batch_size("load"))
            with ours.batch("load", items=size):
                held = [bytearray(b"x") * (1 << 20) for _ in range(size)]
                del held
            sizes.append(size)
            left -= size
    read = read_back(ours)
    assert max(read.batches["peak_rss_mb"]) < limit
    assert "predict" in read.decisions["action"]
    assert max(sizes[2:-1]) <= 150 and sum(sizes) == 600
