"""The same levels, sizes, counters and exports as the existing manager for the same observations.

Twice: against its rules, written down again here from its description, on synthetic observations;
and against what it wrote itself into genuine profiles.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from memtool import (
    AdaptiveConfig,
    AdaptiveMemoryManager,
    AvailableLimits,
    BatchSizeConfig,
    FakeMemory,
    MemoryThresholds,
    load_profile,
)


@dataclass
class Existing:
    """The existing manager's rules: no hysteresis, no cool-down, collection first, level after."""

    config: AdaptiveConfig
    level: str = "medium"
    stats: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(
            (
                "total_gc_collections",
                "automatic_fallbacks",
                "batch_size_adjustments",
                "memory_warnings",
                "critical_events",
            ),
            0,
        )
    )
    fallback: bool = False

    def see(self, rss: float, available: float) -> tuple[str, int, int]:
        """Pressure, size in force before, size in force after."""
        thresholds, sizes = self.config.thresholds, self.config.batch_sizes
        before = getattr(sizes, self.level)
        if rss >= thresholds.critical_mb or available < 500:
            pressure, wanted = "critical", "low"
            if self.config.fallback_enabled and rss >= thresholds.fallback_trigger_mb:
                wanted = "fallback"
        elif rss >= thresholds.high_mb or available < 1000:
            pressure, wanted = "high", "low"
        elif rss >= thresholds.moderate_mb or available < 2000:
            pressure, wanted = "moderate", "medium"
        else:
            pressure, wanted = "low", "high"
        if self.config.auto_gc_enabled and rss >= thresholds.gc_trigger_mb:
            self.stats["total_gc_collections"] += 1
        self.stats["memory_warnings"] += pressure in ("high", "critical")
        self.stats["critical_events"] += pressure == "critical"
        self.stats["automatic_fallbacks"] += wanted == "fallback" and not self.fallback
        self.stats["batch_size_adjustments"] += wanted != self.level
        # It ends with critical pressure, not with the fallback size.
        self.fallback = pressure == "critical" and (wanted == "fallback" or self.fallback)
        self.level = wanted
        return pressure, before, getattr(sizes, wanted)


def manager_for(config: AdaptiveConfig, memory: FakeMemory, folder: Path) -> AdaptiveMemoryManager:
    config.stream = False
    return AdaptiveMemoryManager(config, memory=memory, reports_dir=folder)


@pytest.mark.parametrize("seed", range(4))
def test_synthetic_observations(seed: int, tmp_path: Path) -> None:
    draw = random.Random(seed)
    config = AdaptiveConfig(
        thresholds=MemoryThresholds(
            *sorted(draw.uniform(500, 4000) for _ in range(3)), draw.uniform(3500, 4200), draw.uniform(500, 4000)
        ),
        batch_sizes=BatchSizeConfig(*draw.sample(range(50, 2000), 4)),
        fallback_enabled=seed != 1,
        auto_gc_enabled=seed != 2,
        history_size=1000,
    )
    memory = FakeMemory(1.0, 16_000.0)
    existing, ours = Existing(config), manager_for(config, memory, tmp_path)
    assert ours.get_current_batch_size() == config.batch_sizes.medium
    for _ in range(500):
        rss = draw.choice([draw.uniform(1, 5000), config.thresholds.high_mb, config.thresholds.critical_mb])
        available = draw.choice([16_000.0, draw.uniform(0, 3000), 500.0, 1000.0, 2000.0])
        memory.set(rss, available)
        pressure, before, after = existing.see(rss, available)
        snapshot = ours.force_memory_check("op")
        assert (snapshot.pressure_level.value, snapshot.batch_size) == (pressure, before), (rss, available)
        assert ours.get_current_batch_size() == after
        assert ours.get_current_optimization_level().value == existing.level
        assert (snapshot.rss_mb, snapshot.available_mb, snapshot.operation) == (rss, available, "op")
        in_force = ours.get_memory_statistics()["current"]["fallback_active"]
        assert in_force == (existing.level == "fallback"), "theirs stays set while pressure is critical"
    assert ours.get_memory_statistics()["stats"] == existing.stats


def genuine(runs: Path) -> list[Path]:
    return sorted(path for path in runs.rglob("memory_profile_*.json"))


def test_observations_of_genuine_profiles(runs: Path, tmp_path: Path) -> None:
    """Every pressure level is the recorded one, and the sizes are where the manager set them."""
    levels = sizes = off = 0
    for path in genuine(runs):
        written = json.loads(path.read_text())
        assumed = load_profile(path).facts["config"]
        config = AdaptiveConfig(
            thresholds=MemoryThresholds(**assumed["thresholds"]),
            batch_sizes=BatchSizeConfig(**written["metadata"]["config"]["batch_sizes"]),
            available_limits=AvailableLimits(**assumed["available_limits"]),
            fallback_enabled=assumed["fallback_enabled"],
            auto_gc_enabled=False,
        )
        memory = FakeMemory(1.0, 1.0)
        ours = manager_for(config, memory, tmp_path)
        adapts = written["statistics"]["stats"]["batch_size_adjustments"] > 0
        rows = [row for row in written["history"] if row["operation"] not in ("post_gc", "statistics")]
        for number, row in enumerate(row for row in rows if row["rss_mb"] > 0):
            memory.set(row["rss_mb"], row["available_mb"])
            seen = ours.force_memory_check(row["operation"])
            assert seen.pressure_level.value == row["pressure_level"], (path.name, row)
            levels += 1
            # The ring of a long run begins at a size that is not in the file.
            if adapts and number > 0:
                sizes += 1
                off += seen.batch_size != row["batch_size"]
    assert levels > 4_000 and sizes > 1_000
    # Two threads wrote: a row may show the size of an instant before or after.
    assert off <= sizes / 200, f"{off} of {sizes} sizes differ"


def names(value: Any, place: str = "") -> set[str]:
    """Every name in a document, with its place; the rows of a list are one."""
    if isinstance(value, dict):
        return {f"{place}.{key}" for key in value}.union(*(names(v, f"{place}.{k}") for k, v in value.items()))
    if isinstance(value, list):
        return set().union(*(names(row, f"{place}[]") for row in value))
    return set()


def test_an_export_has_the_names_of_a_genuine_profile(runs: Path, tmp_path: Path) -> None:
    genuine_names = set().union(*(names(json.loads(path.read_text())) for path in genuine(runs)))
    memory = FakeMemory(3_300.0, 9_000.0, vms_mb=4_000.0, percent=40.0)
    config = AdaptiveConfig(min_samples_for_recommendation=3, history_size=50)
    ours = manager_for(config, memory, tmp_path)
    for _ in range(60):
        ours.force_memory_check("hiring")
    exported = json.loads(ours.export_memory_profile().read_text())
    found = names(exported)
    assert any(name.startswith(".recommendations[]") for name in found), exported["recommendations"]
    assert found == genuine_names
    assert len(exported["history"]) == 50
    row = exported["history"][-2]
    assert (row["rss_mb"], row["available_mb"], row["vms_mb"], row["percent"]) == (3300.0, 9000.0, 4000.0, 40.0)
    assert {row["operation"] for row in exported["history"]} == {"hiring", "post_gc"}
    assert exported["metadata"]["config"]["thresholds_mb"] == {
        "moderate": 2000.0,
        "high": 3000.0,
        "critical": 3500.0,
    }
    assert row["timestamp"].endswith("+00:00")
