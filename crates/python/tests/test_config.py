"""Settings: names, defaults, assignment, YAML."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest
from memtool import (
    AdaptiveConfig,
    AdaptiveMemoryManager,
    AvailableLimits,
    BatchSizeConfig,
    FakeMemory,
    MemoryThresholds,
    OptimizationLevel,
    Predictive,
    create_adaptive_memory_manager,
)


def manager_of(config: AdaptiveConfig, memory: FakeMemory | None = None) -> AdaptiveMemoryManager:
    config.stream = False
    return AdaptiveMemoryManager(config, memory=memory or FakeMemory(100.0, 16_000.0))


def test_the_defaults_are_the_existing_managers() -> None:
    config = AdaptiveConfig()
    expected = dict(
        enabled=True,
        monitoring_interval_seconds=1.0,
        history_size=100,
        thresholds=MemoryThresholds(2000.0, 3000.0, 3500.0, 2500.0, 3200.0),
        batch_sizes=BatchSizeConfig(250, 500, 1000, 100),
        auto_gc_enabled=True,
        fallback_enabled=True,
        profiling_enabled=False,
        recommendation_window_minutes=5,
        min_samples_for_recommendation=10,
        leak_detection_enabled=True,
        leak_threshold_mb=800.0,
        leak_window_minutes=15,
    )
    assert {name: getattr(config, name) for name in expected} == expected
    positional = [field.name for field in fields(config) if not field.kw_only]
    assert positional == list(expected), "the order of positional arguments"


def test_each_level_has_its_size() -> None:
    sizes = BatchSizeConfig()
    found = [sizes.get_size(level) for level in OptimizationLevel]
    assert found == [sizes.low, sizes.medium, sizes.high, sizes.fallback]


def test_what_is_assigned_while_it_runs_takes_effect() -> None:
    memory = FakeMemory(1_500.0, 16_000.0)
    manager = manager_of(AdaptiveConfig(), memory)
    assert manager.force_memory_check().pressure_level.value == "low"
    manager.config.thresholds.moderate_mb = 1_000.0
    assert manager.force_memory_check().pressure_level.value == "moderate"
    manager.config.batch_sizes.medium = 333
    assert manager.get_current_batch_size() == 333
    manager.config.thresholds = MemoryThresholds(moderate_mb=500.0, high_mb=1_200.0)
    assert manager.force_memory_check().pressure_level.value == "high"
    manager.config.predictive = True  # type: ignore[assignment]
    assert manager.config.predictive == Predictive(enabled=True)


def test_another_config_changes_nothing() -> None:
    manager = manager_of(AdaptiveConfig(), FakeMemory(1_500.0, 16_000.0))
    manager.force_memory_check()
    AdaptiveConfig().thresholds.moderate_mb = 1_000.0
    assert manager.force_memory_check().pressure_level.value == "low"


@pytest.mark.parametrize("value", [0.0, -5.0, float("nan"), float("inf")])
def test_a_number_that_cannot_be_used_is_refused_and_taken_back(value: float) -> None:
    with pytest.raises(ValueError, match="thresholds.high_mb: expected a positive number"):
        manager_of(AdaptiveConfig(thresholds=MemoryThresholds(high_mb=value)))
    manager = manager_of(AdaptiveConfig())
    with pytest.raises(ValueError, match="thresholds.high_mb"):
        manager.config.thresholds.high_mb = value
    assert manager.config.thresholds.high_mb == 3000.0
    manager.config.thresholds.high_mb = 2900.0


def test_thresholds_follow_from_a_limit_unless_given() -> None:
    scaled = MemoryThresholds(1024.0, 1536.0, 1843.2, 1228.8, 1638.4)
    assert create_adaptive_memory_manager(memory_limit_gb=2).config.thresholds == scaled
    assert AdaptiveConfig(memory_limit_mb=2048).thresholds == scaled
    own = MemoryThresholds(moderate_mb=7.0)
    assert create_adaptive_memory_manager(memory_limit_gb=2, thresholds=own).config.thresholds == own
    assert create_adaptive_memory_manager().config.thresholds == MemoryThresholds()


@pytest.mark.parametrize("level", OptimizationLevel)
def test_the_factory_begins_at_the_level_it_is_given(level: OptimizationLevel) -> None:
    manager = create_adaptive_memory_manager(level, batch_sizes=BatchSizeConfig(1, 2, 3, 4), stream=False)
    assert manager.get_current_optimization_level() is level
    assert manager.get_current_batch_size() == manager.config.batch_sizes.get_size(level)


def test_the_factory_refuses_what_it_does_not_know() -> None:
    with pytest.raises(TypeError, match="no_such_setting"):
        create_adaptive_memory_manager(no_such_setting=1)


YAML = """\
optimization:
  level: high
  memory_limit_gb: 4.0
  adaptive_memory:
    enabled: yes
    history_size: 50  # short
    batch_sizes: {low: 200, medium: 400}
    memtool:
      predictive: {enabled: true, safe_share: 0.8}
      version_label: "1.10"
"""


def test_a_jobs_yaml_is_read(tmp_path: Path) -> None:
    path = tmp_path / "job.yaml"
    path.write_text(YAML)
    config = AdaptiveConfig.from_yaml(path)
    assert (config.history_size, config.memory_limit_mb) == (50, 4096.0)
    assert config.batch_sizes == BatchSizeConfig(low=200, medium=400)
    assert config.predictive == Predictive(enabled=True, safe_share=0.8)
    assert (config.job, config.version_label) == (None, "1.10")
    assert config.thresholds == MemoryThresholds.from_limit(4096.0), "none in the file: they follow"
    assert config.available_limits is None
    assert config.optimization_level is OptimizationLevel.HIGH
    manager = AdaptiveMemoryManager(config, reports_dir=tmp_path)
    assert manager.get_current_optimization_level() is OptimizationLevel.HIGH
    path.write_text(YAML.replace("  level: high\n", ""))
    config = AdaptiveConfig.from_yaml(path)
    assert config.optimization_level is None
    manager = AdaptiveMemoryManager(config, reports_dir=tmp_path)
    assert manager.get_current_optimization_level() is OptimizationLevel.MEDIUM
    path.write_text(YAML + "      available_limits: {critical_mb: 1.0}\n    thresholds: {moderate_mb: 1000}\n")
    config = AdaptiveConfig.from_yaml(path)
    assert config.thresholds == MemoryThresholds(moderate_mb=1000.0)
    assert config.available_limits == AvailableLimits(critical_mb=1.0)


def test_a_block_that_no_job_reads_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "job.yaml"
    path.write_text("orchestrator:\n  adaptive_memory:\n    history_size: 50\n")
    assert AdaptiveConfig.from_yaml(path).history_size == 100
    assert any("job.yaml" in message and "orchestrator" in message for message in caplog.messages)


def test_a_bad_yaml_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "job.yaml"
    path.write_text(YAML.replace("50  # short", "many"))
    with pytest.raises(ValueError, match=r"job\.yaml: .*line 6.*history_size"):
        AdaptiveConfig.from_yaml(path)
    with pytest.raises(FileNotFoundError):
        AdaptiveConfig.from_yaml(tmp_path / "none.yaml")
