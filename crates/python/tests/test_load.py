"""Runs read back: plain columns, and Arrow without a copy."""

from __future__ import annotations

import gzip
import json
import shutil
from datetime import datetime, timezone
from pathlib import Path

import duckdb
import pandas
import polars
import pyarrow
import pytest
from memtool import AdaptiveConfig, AdaptiveMemoryManager, FakeMemory, Profile, load_profile, load_profiles


@pytest.fixture
def recorded(tmp_path: Path) -> Profile:
    memory = FakeMemory(2_600.0, 9_000.0, vms_mb=5_000.0, percent=33.3)
    config = AdaptiveConfig(job="test", monitoring_interval_seconds=60.0)
    with AdaptiveMemoryManager(config, reports_dir=tmp_path, memory=memory) as manager:
        for rss in (3_100.0, 100.0):
            memory.set(rss, 9_000.0)
            manager.force_memory_check("load")
        with manager.batch("hiring", items=7):
            pass
    assert manager.stream_path is not None
    return load_profile(manager.stream_path)


def test_a_stream_in_plain_columns(recorded: Profile) -> None:
    assert (recorded.format, recorded.job, recorded.warnings) == ("stream/1", "test", [])
    snapshots = recorded.snapshots
    assert snapshots["rss_mb"] == [2600.0, 2600.0, 3100.0, 3100.0, 100.0]
    assert snapshots["kind"] == ["regular", "post_gc", "regular", "post_gc", "regular"]
    assert snapshots["pressure_level"] == ["moderate", "moderate", "high", "high", "low"]
    assert snapshots["operation"] == [None, None, "load", None, "load"]
    assert set(snapshots["pss_mb"]) == {None}
    assert len(snapshots) == 5 and list(snapshots.columns) == snapshots.column_names
    first = snapshots["timestamp"][0]
    assert isinstance(first, datetime) and first.tzinfo is timezone.utc and first >= recorded.started
    assert recorded.batches["items"] == [7] and recorded.batches["overlapping"] == [False]
    assert recorded.collections["forced"] == [True, True]
    assert recorded.decisions["action"] == ["collect", "collect", "change_level", "change_level"]
    assert recorded.decisions["new_size"] == [None, None, 250, 1000]
    assert recorded.facts["config"]["thresholds"]["high_mb"] == 3000.0
    assert recorded.facts["process"]["job"] == "test"
    with pytest.raises(KeyError, match="no column \"rss\"; there are t_s, timestamp, rss_mb"):
        snapshots["rss"]


def test_every_genuine_run_is_read(runs: Path) -> None:
    profiles = load_profiles(runs)
    assert len(profiles) > 25 and profiles.skipped == []
    names = {path.name for path in runs.rglob("memory_*") if path.suffix in (".json", ".ndjson")}
    assert {Path(profile.path).name for profile in profiles} == names
    table = profiles.snapshots
    assert len(table) == sum(len(profile.snapshots) for profile in profiles)
    assert set(table["profile"]) == {profile.path for profile in profiles}
    for profile in profiles:
        if profile.path.endswith(".json"):
            rows = json.loads(Path(profile.path).read_text())["history"]
            seen = [row["rss_mb"] for row in sorted(rows, key=lambda row: row["timestamp"])]
            assert profile.snapshots["rss_mb"] == [rss or None for rss in seen], profile.path


def test_arrow_hands_over_the_same_memory(recorded: Profile) -> None:
    table = recorded.snapshots
    first, second = pyarrow.table(table), pyarrow.table(table)
    for name in ("rss_mb", "timestamp", "operation", "batch_size"):
        one, other = first[name].chunk(0).buffers(), second[name].chunk(0).buffers()
        addresses = [[buffer and buffer.address for buffer in buffers] for buffers in (one, other)]
        assert addresses[0] == addresses[1], name
    assert first.schema.field("timestamp").type == pyarrow.timestamp("us", "UTC")
    assert first.column_names == table.column_names


def test_polars_pandas_pyarrow_and_duckdb_take_a_table(runs: Path) -> None:
    profiles = load_profiles(runs)
    snapshots = profiles.snapshots
    peaks = {profile.path: max(rss for rss in profile.snapshots["rss_mb"] if rss) for profile in profiles}
    arrow = pyarrow.table(snapshots)
    assert arrow.num_rows == len(snapshots)
    frame = polars.DataFrame(snapshots)
    grouped = frame.group_by("profile").agg(polars.col("rss_mb").max())
    assert dict(grouped.iter_rows()) == peaks
    plain = pandas.DataFrame(snapshots.columns)
    assert plain.groupby("profile")["rss_mb"].max().to_dict() == peaks
    assert arrow.to_pandas()["rss_mb"].equals(plain["rss_mb"])
    found = duckdb.sql("SELECT profile, max(rss_mb) FROM snapshots GROUP BY profile").fetchall()
    assert dict(found) == peaks


def test_a_table_outlives_what_it_came_from(runs: Path) -> None:
    table = pyarrow.table(load_profiles(runs).snapshots)
    assert table["rss_mb"].null_count < table.num_rows


def test_packed_files_are_read(recorded: Profile, tmp_path: Path) -> None:
    packed = tmp_path / "packed" / (Path(recorded.path).name + ".gz")
    packed.parent.mkdir()
    packed.write_bytes(gzip.compress(Path(recorded.path).read_bytes()))
    assert load_profiles(packed.parent)[0].snapshots.columns == recorded.snapshots.columns


def test_a_bad_file_is_named_and_does_not_hide_the_good_ones(recorded: Profile, tmp_path: Path) -> None:
    folder = tmp_path / "mixed"
    folder.mkdir()
    shutil.copy(recorded.path, folder)
    (folder / "memory_profile_torn.json").write_text('{"metadata": {"thresholds_mb"')
    (folder / "memory_stream_torn.ndjson.gz").write_bytes(b"\x1f\x8bnot gzip")
    (folder / "other.json").write_text("{}")
    profiles = load_profiles(folder)
    assert len(profiles) == 1
    assert [path.name for path, _ in profiles.skipped] == ["memory_profile_torn.json", "memory_stream_torn.ndjson.gz"]
    assert "line 1" in profiles.skipped[0][1]
    with pytest.raises(ValueError, match="memory_profile_torn.json: .*line 1"):
        load_profile(folder / "memory_profile_torn.json")
    with pytest.raises(FileNotFoundError):
        load_profile(folder / "none.json")
    with pytest.raises(ValueError, match="no stream or profile in .*other.json"):
        load_profiles(folder / "other.json")
