"""What a job may set. Sizes are MiB; every attribute may be assigned while a manager runs."""

from __future__ import annotations

import json
import logging
import math
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from weakref import WeakSet

from memtool import _memtool
from memtool._levels import OptimizationLevel


class _Watched:
    """Notifies managers when an attribute is assigned."""

    def __setattr__(self, name: str, value: object) -> None:
        old = self.__dict__.get(name, value)
        object.__setattr__(self, name, value)
        if old != value:
            try:
                for listener in list(_listeners):
                    listener.config_changed()
            except ValueError:
                object.__setattr__(self, name, old)
                raise


class Listener:
    """Something that wants to know of changed settings."""

    def config_changed(self) -> None:
        """Takes over what was assigned; a ValueError takes the assignment back."""
        raise NotImplementedError


_listeners: WeakSet[Listener] = WeakSet()


def listen(listener: Listener) -> None:
    """Notifies it of each assignment from here on, for as long as it lives."""
    _listeners.add(listener)


@dataclass
class MemoryThresholds(_Watched):
    """Where pressure levels begin and actions trigger, as resident memory."""

    moderate_mb: float = 2000.0
    high_mb: float = 3000.0
    critical_mb: float = 3500.0
    gc_trigger_mb: float = 2500.0
    fallback_trigger_mb: float = 3200.0

    @classmethod
    def from_limit(cls, limit_mb: float) -> MemoryThresholds:
        """50, 75 and 90 % of a limit; collections from 60 %, fallback from 80 % on."""
        return cls(
            moderate_mb=limit_mb * 0.50,
            high_mb=limit_mb * 0.75,
            critical_mb=limit_mb * 0.90,
            gc_trigger_mb=limit_mb * 0.60,
            fallback_trigger_mb=limit_mb * 0.80,
        )


class _DefaultThresholds(MemoryThresholds):
    """Thresholds that were not given."""


@dataclass
class BatchSizeConfig(_Watched):
    """Items of a batch at each optimization level."""

    low: int = 250
    medium: int = 500
    high: int = 1000
    fallback: int = 100

    def get_size(self, level: OptimizationLevel) -> int:
        """The size at a level."""
        size: int = getattr(self, level.value)
        return size


@dataclass
class AvailableLimits(_Watched):
    """Limits on available memory: below one, pressure is at least that level."""

    critical_mb: float = 500.0
    high_mb: float = 1000.0
    moderate_mb: float = 2000.0


@dataclass
class Hysteresis(_Watched):
    """What a larger batch size waits for after pressure fell; zeros switch both off."""

    margin_mb: float = 0.0
    dwell_seconds: float = 0.0


@dataclass
class Predictive(_Watched):
    """Batch sizes from the peaks that they are expected to reach."""

    enabled: bool = True
    safe_share: float = 0.9
    """The share of the limit that an expected peak may reach."""
    largest: int = 0
    """The largest batch it may choose; 0 means the size `high`."""


@dataclass
class AdaptiveConfig(_Watched):
    """The settings of one job."""

    enabled: bool = True
    monitoring_interval_seconds: float = 1.0
    history_size: int = 100
    thresholds: MemoryThresholds = field(default_factory=_DefaultThresholds)
    batch_sizes: BatchSizeConfig = field(default_factory=BatchSizeConfig)
    auto_gc_enabled: bool = True
    fallback_enabled: bool = True
    profiling_enabled: bool = False
    recommendation_window_minutes: float = 5
    min_samples_for_recommendation: int = 10
    leak_detection_enabled: bool = True
    leak_threshold_mb: float = 800.0
    leak_window_minutes: float = 15

    # From here on the existing manager knows nothing of them.
    predictive: Predictive = field(default_factory=lambda: Predictive(enabled=False), kw_only=True)
    """`True` means `Predictive()`."""
    memory_limit_mb: float | None = field(default=None, kw_only=True)
    """The memory the job may use, where machine and container allow more."""
    include_children: bool = field(default=False, kw_only=True)
    """Whether the memory of child processes counts."""
    pss: bool | None = field(default=None, kw_only=True)
    """Whether proportional memory is read, once per second at most; `None`: where children count."""
    exact_peaks: bool = field(default=True, kw_only=True)
    """Whether the kernel's high-water mark is reset for each batch, which `time -v` reads too."""
    available_limits: AvailableLimits | None = field(default=None, kw_only=True)
    """`None`: 500, 1000 and 2000 MiB, scaled down in a container of less than 4 GiB."""
    hysteresis: Hysteresis = field(default_factory=Hysteresis, kw_only=True)
    gc_cooldown_share: float = field(default=0.0, kw_only=True)
    """Collect again only after memory grew by this share of what the last collection freed."""
    optimization_level: OptimizationLevel | None = field(default=None, kw_only=True)
    """The level a manager begins at, medium where `None`; it follows memory from there."""
    job: str | None = field(default=None, kw_only=True)
    """The job's name, by which its runs are grouped."""
    version_label: str | None = field(default=None, kw_only=True)
    """The job's version; `None`: the variable MEMTOOL_VERSION_LABEL. The repository's commit is recorded besides."""
    machine: str | None = field(default=None, kw_only=True)
    """What the machine is called; `None`: the variable MEMTOOL_MACHINE. No name is looked up."""
    image: str | None = field(default=None, kw_only=True)
    """The container image; `None`: the variable MEMTOOL_IMAGE."""
    parameters: dict[str, object] = field(default_factory=dict, kw_only=True)
    """Parameters to record with the run, as text; nothing else of the job's arguments is recorded."""
    stream: bool = field(default=True, kw_only=True)
    """Whether the run is written to a stream in `reports_dir`."""

    def __post_init__(self) -> None:
        given = not isinstance(self.thresholds, _DefaultThresholds)
        if not given:
            limit = self.memory_limit_mb
            self.thresholds = MemoryThresholds() if limit is None else MemoryThresholds.from_limit(limit)
        self._thresholds_given = given or self.memory_limit_mb is not None

    def __setattr__(self, name: str, value: object) -> None:
        if name == "predictive" and isinstance(value, bool):
            value = Predictive(enabled=value)
        if name == "thresholds":
            object.__setattr__(self, "_thresholds_given", True)
        super().__setattr__(name, value)

    @classmethod
    def from_yaml(cls, path: str | os.PathLike[str]) -> AdaptiveConfig:
        """Reads the block `adaptive_memory` of a job's YAML, and `level` and `memory_limit_gb` beside it.

        `memtool.job` and `memtool.version_label` in the block say which job this is, and which version of it.

        What a reader of the file should know, such as a block where no job reads it, is logged.
        Raises ValueError with the line where a value is not valid.
        """
        try:
            read = json.loads(_memtool.read_config(Path(path).read_text(encoding="utf-8")))
        except ValueError as error:
            raise ValueError(f"{os.fspath(path)}: {error}") from None
        for note in read["notes"]:
            logging.getLogger("memtool").warning("%s: %s", os.fspath(path), note)
        return _from_settings(cls, read)

    def to_settings(self, available: tuple[float, float, float], small_limit: float | None) -> str:
        """The settings in the recorder's form, JSON; `available` are the available-memory limits where none were set.

        Thresholds that were not given follow `small_limit`, the limit of a small container.
        """
        settings: dict[str, Any] = asdict(self)
        for ours in _NOT_OF_THE_POLICY:
            del settings[ours]
        # Whether a manager runs at all is decided on this side.
        settings["enabled"] = True
        untouched = not self._thresholds_given and self.thresholds == MemoryThresholds()
        if untouched and small_limit is not None:
            settings["thresholds"] = asdict(MemoryThresholds.from_limit(small_limit))
        if self.available_limits is None:
            settings["available_limits"] = dict(zip(("critical_mb", "high_mb", "moderate_mb"), available))
        _refuse_endless(settings, "")
        return json.dumps(settings)


# What a recorder takes beside the settings of its policy.
_NOT_OF_THE_POLICY = (
    "memory_limit_mb",
    "include_children",
    "pss",
    "exact_peaks",
    "optimization_level",
    "job",
    "version_label",
    "machine",
    "image",
    "parameters",
    "stream",
)


def _refuse_endless(settings: dict[str, Any], place: str) -> None:
    """Refuses what JSON has no word for."""
    for name, value in settings.items():
        if isinstance(value, dict):
            _refuse_endless(value, f"{place}{name}.")
        elif isinstance(value, float) and not math.isfinite(value):
            raise ValueError(f"{place}{name}: expected a positive number, found {value}")


def _from_settings(cls: type[AdaptiveConfig], read: dict[str, Any]) -> AdaptiveConfig:
    settings, given = read["config"], read["set"]
    limit_gb = read["memory_limit_gb"]
    limit = None if limit_gb is None else limit_gb * 1024
    nested = {
        "thresholds": MemoryThresholds,
        "batch_sizes": BatchSizeConfig,
        "hysteresis": Hysteresis,
        "predictive": Predictive,
        "available_limits": AvailableLimits,
    }
    values = {name: nested[name](**value) if name in nested else value for name, value in settings.items()}
    if limit is not None and not any(path.startswith("thresholds.") for path in given):
        del values["thresholds"]
    if not any(path.startswith("memtool.available_limits.") for path in given):
        del values["available_limits"]
    level = read["optimization_level"]
    level = None if level is None else OptimizationLevel(level)
    labels = {name: read[name] for name in ("job", "version_label")}
    return cls(**values, **labels, memory_limit_mb=limit, optimization_level=level)
