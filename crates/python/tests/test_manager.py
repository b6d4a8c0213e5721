"""The manager's methods, one by one."""

from __future__ import annotations

import gc
import json
import logging
import pickle
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from memtool import (
    AdaptiveConfig,
    AdaptiveMemoryManager,
    FakeMemory,
    MemoryPressureLevel,
    MemoryRecommendation,
    MemorySnapshot,
    MemoryThresholds,
    OptimizationLevel,
    load_profile,
)
from prometheus_client import parser as prometheus
from prometheus_client.openmetrics import parser as openmetrics


class Fields:
    """A logger that takes fields, as structured ones do."""

    def __init__(self) -> None:
        self.said: list[tuple[str, str, dict[str, Any]]] = []

    def __getattr__(self, level: str) -> Any:
        return lambda message, **fields: self.said.append((level, message, fields))

    def messages(self) -> list[str]:
        return [message for _, message, _ in self.said]


def manager(tmp_path: Path, logger: Any = None, **settings: Any) -> tuple[AdaptiveMemoryManager, FakeMemory]:
    memory = FakeMemory(100.0, 16_000.0)
    config = AdaptiveConfig(**settings)
    return AdaptiveMemoryManager(config, logger or Fields(), reports_dir=tmp_path, memory=memory), memory


def wait_for(condition: Any) -> None:
    until = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < until, "it does not come"
        time.sleep(0.005)


def test_monitoring_looks_at_the_interval_and_stops(tmp_path: Path) -> None:
    ours, memory = manager(tmp_path, monitoring_interval_seconds=0.01)
    ours.start_monitoring()
    ours.start_monitoring()
    assert ours.get_memory_statistics()["monitoring_active"]
    wait_for(lambda: memory.looks > 10)
    assert ours.get_current_batch_size() == 1000, "memory is low"
    before = time.monotonic()
    ours.stop_monitoring()
    assert time.monotonic() - before < 2
    looks = memory.looks
    time.sleep(0.05)
    assert memory.looks == looks
    assert not ours.get_memory_statistics()["monitoring_active"]
    ours.stop_monitoring()


def test_what_comes_after_a_stop_is_in_the_same_stream(tmp_path: Path) -> None:
    ours, memory = manager(tmp_path, monitoring_interval_seconds=60.0)
    with ours:
        ours.force_memory_check("first")
    stream = ours.stream_path
    assert stream is not None
    assert load_profile(stream).warnings == [], "closed"
    with ours:
        ours.force_memory_check("second")
    assert ours.stream_path == stream
    read = load_profile(stream)
    assert read.warnings == []
    assert [name for name in read.snapshots["operation"] if name] == ["first", "second"]


def test_a_disabled_manager_never_monitors(tmp_path: Path) -> None:
    ours, memory = manager(tmp_path, enabled=False)
    with ours:
        assert not ours.get_memory_statistics()["monitoring_active"]
        assert ours.get_current_batch_size() == 500
        assert ours.force_memory_check().rss_mb == 100.0
    assert list(tmp_path.iterdir()) == []


def test_hooks_get_each_snapshot_while_profiling_is_enabled(tmp_path: Path) -> None:
    log = Fields()
    ours, memory = manager(tmp_path, log, profiling_enabled=True)
    seen: list[MemorySnapshot] = []

    def fails(snapshot: MemorySnapshot) -> None:
        raise RuntimeError("on purpose")

    ours.add_profiling_hook(fails)
    ours.add_profiling_hook(seen.append)
    checked = ours.force_memory_check("load")
    assert seen == [checked]
    assert ("error", "a profiling hook failed") in [(level, message) for level, message, _ in log.said]
    ours.config.profiling_enabled = False
    ours.force_memory_check("load")
    assert len(seen) == 1


def test_a_slow_hook_holds_up_no_look(tmp_path: Path) -> None:
    ours, memory = manager(tmp_path, profiling_enabled=True, monitoring_interval_seconds=0.005)
    entered: list[int] = []

    def slow(snapshot: MemorySnapshot) -> None:
        entered.append(memory.looks)
        wait_for(lambda: memory.looks > entered[0] + 20)

    with ours:
        ours.add_profiling_hook(slow)
        wait_for(lambda: bool(entered) and memory.looks > entered[0] + 20)


def test_garbage_is_collected_above_the_trigger(tmp_path: Path) -> None:
    class Node:
        own: Node

    ours, memory = manager(tmp_path)
    memory.set(2_600.0, 16_000.0)
    node = Node()
    node.own = node
    alive = [node]
    del node
    import weakref

    gone = weakref.ref(alive.pop())
    ours.force_memory_check()
    assert gone() is None, "a cycle is garbage"
    assert ours.get_memory_statistics()["stats"]["total_gc_collections"] == 1
    ours.config.auto_gc_enabled = False
    ours.force_memory_check()
    assert ours.get_memory_statistics()["stats"]["total_gc_collections"] == 1


def test_collections_of_the_job_are_counted_and_the_long_ones_recorded(tmp_path: Path) -> None:
    ours, memory = manager(tmp_path, monitoring_interval_seconds=60.0)
    with ours:
        before = ours.force_memory_check().gc_collections
        assert before > 0
        gc.collect(0)
        gc.collect()
        assert ours.force_memory_check().gc_collections >= before + 2
        memory.set(2_600.0, 16_000.0)
        ours.force_memory_check()
    assert ours.stream_path is not None
    forced = load_profile(ours.stream_path).collections["forced"]
    assert forced.count(True) == 1 and forced.count(False) >= 1


def test_collections_are_counted_without_monitoring_too(tmp_path: Path) -> None:
    ours = AdaptiveMemoryManager(AdaptiveConfig(stream=False), reports_dir=tmp_path)
    gc.disable()
    try:
        before = sum(generation["collections"] for generation in gc.get_stats())
        assert ours.force_memory_check().gc_collections == before
        gc.collect()
        assert ours.force_memory_check().gc_collections == before + 1
    finally:
        gc.enable()
    history = json.loads(ours.export_memory_profile().read_text(encoding="utf-8"))["history"]
    assert [row["gc_collections"] for row in history] == [before, before + 1]


def test_a_look_that_fails_changes_nothing(tmp_path: Path) -> None:
    log = Fields()
    ours, memory = manager(tmp_path, log)
    memory.set(3_100.0, 16_000.0)
    ours.force_memory_check()
    memory.fail(True)
    seen = ours.force_memory_check("blind")
    assert (seen.rss_mb, seen.batch_size, seen.operation) == (0.0, 250, "blind")
    assert ours.get_current_batch_size() == 250
    assert "memory could not be read" in log.messages()
    memory.fail(False)
    history = json.loads(ours.export_memory_profile().read_text())["history"]
    assert [row["rss_mb"] for row in history if row["operation"] != "post_gc"] == [3100.0]


def test_statistics_say_what_is(tmp_path: Path) -> None:
    ours, memory = manager(tmp_path)
    for rss in (100.0, 2_100.0, 400.04):
        memory.set(rss, 9_000.0)
        ours.force_memory_check()
    memory.set(500.0, 8_000.0)
    found = ours.get_memory_statistics()
    assert found["current"] == {
        "memory_mb": 500.0,
        "available_mb": 8000.0,
        "pressure_level": "low",
        "batch_size": 1000,
        "optimization_level": "high",
        "fallback_active": False,
    }
    assert found["trends"] == {
        "avg_memory_mb": 866.7,
        "peak_memory_mb": 2100.0,
        "memory_trend_mb": 300.0,
        "samples_count": 3,
    }
    assert set(found) >= {"current", "trends", "stats", "recommendations_count", "monitoring_active"}
    again = ours.get_memory_statistics()
    assert again["trends"]["samples_count"] == 3, "asking does not grow the history"


def test_statistics_before_any_look(tmp_path: Path) -> None:
    ours, memory = manager(tmp_path)
    found = ours.get_memory_statistics()
    assert (found["current"]["memory_mb"], found["current"]["batch_size"]) == (100.0, 500)
    assert found["trends"]["peak_memory_mb"] == 100.0


def test_recommendations_stand_for_an_hour_and_until_the_reset(tmp_path: Path) -> None:
    thresholds = MemoryThresholds()
    ours, memory = manager(tmp_path, min_samples_for_recommendation=5, fallback_enabled=False)
    assert ours.get_recommendations() == []
    memory.set(thresholds.critical_mb, 16_000.0)
    for _ in range(6):
        ours.force_memory_check()
    kinds = {advice["type"] for advice in ours.get_recommendations()}
    assert kinds == {"high_memory_pattern", "frequent_gc", "enable_fallback"}, "critical is no silence"
    for advice in ours.get_recommendations(recent_only=False):
        assert set(advice) == set(MemoryRecommendation("a", "b", "c").to_dict())
        assert advice["estimated_savings_mb"] is None and 0 < advice["confidence"] <= 1
    assert ours.get_memory_statistics()["recommendations_count"] == 3
    ours.reset_statistics()
    memory.set(100.0, 16_000.0)
    assert set(ours.get_memory_statistics()["stats"].values()) == {0}


def test_a_recommendation_has_the_attributes_of_the_existing_one() -> None:
    made = MemoryRecommendation("memory_leak", "what", "do", estimated_savings_mb=5.0)
    assert (made.type, made.priority, made.confidence) == ("memory_leak", "medium", 0.7)
    told = made.to_dict()
    assert datetime.fromisoformat(told["timestamp"]) == made.timestamp
    assert told["estimated_savings_mb"] == 5.0


def test_exports_of_one_second_do_not_overwrite_each_other(tmp_path: Path) -> None:
    ours, memory = manager(tmp_path, stream=False)
    paths = {ours.export_memory_profile() for _ in range(5)}
    assert len(paths) == 5 and all(path.parent == tmp_path for path in paths)
    assert {load_profile(path).snapshots["rss_mb"][0] for path in paths} == {100.0}
    own = ours.export_memory_profile(tmp_path / "made" / "on_the_way.json")
    assert own.exists()


def test_an_export_that_cannot_be_written_raises_and_leaves_nothing(tmp_path: Path) -> None:
    ours, memory = manager(tmp_path, stream=False)
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError):
        ours.export_memory_profile(tmp_path / "file" / "profile.json")
    ours.reports_dir = tmp_path / "file"
    with pytest.raises(OSError):
        ours.export_memory_profile()


def test_an_export_while_another_thread_looks(tmp_path: Path) -> None:
    ours, memory = manager(tmp_path, monitoring_interval_seconds=0.001, history_size=1000)
    with ours:
        wait_for(lambda: memory.looks > 50)
        for number in range(50):
            path = ours.export_memory_profile(tmp_path / f"{number}.json")
            assert json.loads(path.read_text())["statistics"]["monitoring_active"]


@pytest.mark.parametrize("standard", [True, False])
def test_any_logger_will_do(tmp_path: Path, standard: bool, caplog: pytest.LogCaptureFixture) -> None:
    fields = Fields()
    caplog.set_level(logging.INFO, logger="job")
    ours, memory = manager(tmp_path, logging.getLogger("job") if standard else fields)
    memory.set(3_600.0, 16_000.0)
    ours.force_memory_check()
    said = caplog.messages if standard else fields.messages()
    assert any(message.startswith("batch size changed") for message in said)
    assert any(message.startswith("memory is critical") for message in said)
    if standard:
        assert any("after=100" in message for message in said)


def test_a_logger_that_fails_stops_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    class Broken:
        def warning(self, message: str, **fields: object) -> None:
            raise OSError("on purpose")

        info = warning

    ours, memory = manager(tmp_path, Broken())
    memory.set(3_600.0, 16_000.0)
    assert ours.force_memory_check().pressure_level is MemoryPressureLevel.CRITICAL
    assert "the job's logger failed" in caplog.messages


def test_a_snapshot_is_a_plain_value(tmp_path: Path) -> None:
    now = datetime.now(timezone.utc)
    made = MemorySnapshot(now, 1.0, 2.0, 3.0, 4.0, MemoryPressureLevel.HIGH, 5, 6, "load")
    assert made == MemorySnapshot(
        timestamp=now,
        rss_mb=1.0,
        vms_mb=2.0,
        percent=3.0,
        available_mb=4.0,
        pressure_level=MemoryPressureLevel.HIGH,
        gc_collections=5,
        batch_size=6,
        operation="load",
    )
    assert made != MemorySnapshot(now, 1.0, 2.0, 3.0, 4.0, MemoryPressureLevel.HIGH, 5, 6)
    assert made != "something else"
    assert pickle.loads(pickle.dumps(made)) == made
    assert "rss_mb=1.0" in repr(made) and "operation='load'" in repr(made)
    ours, memory = manager(tmp_path)
    seen = ours.force_memory_check("check")
    assert abs(seen.timestamp - datetime.now(timezone.utc)) < timedelta(seconds=30)
    assert pickle.loads(pickle.dumps(seen)) == seen


def test_levels_have_the_values_of_the_files() -> None:
    assert [level.value for level in MemoryPressureLevel] == ["low", "moderate", "high", "critical"]
    assert [level.value for level in OptimizationLevel] == ["low", "medium", "high", "fallback"]


def test_real_memory_is_seen(tmp_path: Path) -> None:
    ours = AdaptiveMemoryManager(AdaptiveConfig(stream=False), reports_dir=tmp_path)
    before = ours.force_memory_check().rss_mb
    held = bytearray(b"x") * (64 << 20)
    after = ours.force_memory_check()
    assert 60 < after.rss_mb - before < 80, held[:1]
    assert after.available_mb is not None and after.available_mb > 0
    assert after.percent is not None and 0 < after.percent < 100


def test_the_logger_is_an_attribute(tmp_path: Path) -> None:
    logger = Fields()
    ours, _ = manager(tmp_path, logger)
    assert ours.logger is logger
    plain = AdaptiveMemoryManager(AdaptiveConfig(stream=False), memory=FakeMemory(1.0))
    assert isinstance(plain.logger, logging.Logger)


def test_labels_that_are_not_unicode_do_not_raise(tmp_path: Path) -> None:
    ours, _ = manager(tmp_path, job="caf\udce9")
    label = b"stage-\xff.csv".decode("utf-8", "surrogateescape")
    ours.force_memory_check(label)
    with ours.operation(label), ours.batch(label, items=1):
        assert ours.get_current_batch_size(label) > 0
    with ours.batch(Path("input.csv"), items=1):  # type: ignore[arg-type]
        pass
    ours.stop_monitoring()
    assert ours.stream_path is not None
    run = load_profile(ours.stream_path)
    stage, path = run.batches["operation"]
    assert stage.startswith("stage-\ufffd") and stage.endswith(".csv") and path == "input.csv"
    assert run.job is not None and run.job.startswith("caf\ufffd")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_what_the_job_knows_of_its_memory_is_recorded(tmp_path: Path) -> None:
    ours, _ = manager(tmp_path)
    ours.add_cache("duckdb", limit_mb=2_000)
    ours.add_meter("arrow", lambda: 3 << 20)
    ours.add_meter("broken", lambda: 1 / 0)
    ours.reserve(100)
    ours.retained(5)
    with ours.batch("load", items=1):
        pass
    ours.stop_monitoring()
    assert ours.stream_path is not None
    lines = [json.loads(line) for line in ours.stream_path.read_text().splitlines()]
    end = next(line for line in lines if line["type"] == "batch_end")
    assert end["meters"] == {"arrow": 3.0} and end["py_blocks"] > 0 and end["retained_mb"] == 5.0
    start = next(line for line in lines if line["type"] == "batch_start")
    assert start["meters"] == {"arrow": 3.0} and start["py_blocks"] > 0
    cache = next(line for line in lines if line["type"] == "cache")
    assert (cache["name"], cache["limit_mb"]) == ("duckdb", 2_000.0)


def test_there_are_64_meters_at_most(tmp_path: Path) -> None:
    ours, _ = manager(tmp_path)
    for number in range(64):
        ours.add_meter(f"meter {number}", lambda: 1)
    with pytest.raises(ValueError, match="64"):
        ours.add_meter("one more", lambda: 1)


def test_default_thresholds_follow_a_small_container() -> None:
    def thresholds(config: AdaptiveConfig) -> tuple[float, float]:
        settings = json.loads(config.to_settings((1.0, 2.0, 3.0), 1_000.0))["thresholds"]
        return settings["moderate_mb"], settings["critical_mb"]

    assert thresholds(AdaptiveConfig()) == (500.0, 900.0)
    assert AdaptiveConfig().thresholds == MemoryThresholds(), "what a job reads stays as documented"
    assert thresholds(AdaptiveConfig(memory_limit_mb=600)) == (300.0, 540.0)
    assert thresholds(AdaptiveConfig(thresholds=MemoryThresholds())) == (2000.0, 3500.0), "they were given"
    changed = AdaptiveConfig()
    changed.thresholds.critical_mb = 3600.0
    assert thresholds(changed) == (2000.0, 3600.0)


def test_metrics_are_what_a_client_of_prometheus_parses(tmp_path: Path) -> None:
    memory = FakeMemory(2_600.0, 9_000.0)
    config = AdaptiveConfig(job='a "job"', monitoring_interval_seconds=60.0)
    manager = AdaptiveMemoryManager(config, reports_dir=tmp_path, memory=memory)
    assert manager.metrics() == ""
    with manager, manager.batch("hiring", items=7):
        families = list(openmetrics.text_string_to_metric_families(manager.metrics()))
        older = list(prometheus.text_string_to_metric_families(manager.metrics(openmetrics=False)))
    values = {sample.name: sample for family in families for sample in family.samples}
    assert values["memtool_rss_bytes"].value == 2_600 << 20
    assert values["memtool_samples_total"].value >= 2
    assert abs(values["memtool_last_sample_timestamp_seconds"].value - time.time()) < 60
    for family in families:
        assert family.documentation and family.type in ("gauge", "counter"), family.name
        for sample in family.samples:
            labels = sample.labels
            assert labels["job"] == 'a "job"' and labels["run"] and labels["machine"] == "", sample
    names = {sample.name for family in older for sample in family.samples}
    assert names == set(values)
