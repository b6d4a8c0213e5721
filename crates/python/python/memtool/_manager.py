"""The manager: the surface of the recorder that a job holds."""

from __future__ import annotations

import atexit
import gc
import json
import os
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import TracebackType
from typing import Any
from weakref import WeakSet, ref

from memtool import _memtool
from memtool._batches import iter_batches
from memtool._config import AdaptiveConfig, MemoryThresholds, _Listener, _listeners
from memtool._levels import MemoryPressureLevel, OptimizationLevel
from memtool._log import Log
from memtool._memtool import Batch, FakeMemory, MemorySnapshot

_REPORTS = Path("reports/memory")

# Those that monitor stay alive until they are stopped, as a thread would keep them.
_monitoring: set[AdaptiveMemoryManager] = set()
_all: WeakSet[AdaptiveMemoryManager] = WeakSet()


class AdaptiveMemoryManager(_Listener):
    """Watches the memory of the job and says how large the next batch may be."""

    def __init__(
        self,
        config: AdaptiveConfig | None = None,
        logger: Any = None,
        *,
        reports_dir: str | os.PathLike[str] = _REPORTS,
        start_level: OptimizationLevel = OptimizationLevel.MEDIUM,
        memory: FakeMemory | None = None,
    ) -> None:
        self.config = AdaptiveConfig() if config is None else config
        self.reports_dir = Path(reports_dir)
        self._log = Log(logger)
        self._start_level = start_level
        self._memory = memory
        self._recorder: _memtool.Recorder | None = None
        self._hooks: list[Callable[[MemorySnapshot], object]] = []
        self._operation = "main"
        self._pid = os.getpid()
        _all.add(self)
        _listeners.add(self)

    # Monitoring

    def start_monitoring(self) -> None:
        """Begins to look at memory at the interval; nothing if it does already, or is disabled."""
        if not self.config.enabled:
            self._log.say("info", "adaptive memory management is disabled")
            return
        recorder = self._live()
        if recorder.is_looking:
            return
        recorder.check()
        recorder.resume()
        _monitoring.add(self)
        self._log.say("info", "memory monitoring started", stream=recorder.stream_path)

    def stop_monitoring(self) -> None:
        """Ends that, within two seconds, and closes the stream."""
        recorder = self._recorder
        _monitoring.discard(self)
        if recorder is None or not recorder.is_looking:
            return
        if not recorder.pause():
            self._log.say("warning", "the end of the recording could not be written in time")
        self._log.say("info", "memory monitoring stopped")

    def __enter__(self) -> AdaptiveMemoryManager:
        self.start_monitoring()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop_monitoring()

    def force_memory_check(self, operation: str | None = None) -> MemorySnapshot:
        """Looks at memory now, acts on it, and answers what it saw."""
        recorder = self._recorder or self._live()
        seen = recorder.check(operation)
        return self._unseen(operation) if seen is None else seen

    # Batches

    def get_current_batch_size(self, operation: str | None = None) -> int:
        """Items that the next batch may have."""
        if self._recorder is None and not self.config.predictive.enabled:
            return self.config.batch_sizes.get_size(self._start_level)
        return self._live().batch_size(operation)

    def get_current_optimization_level(self) -> OptimizationLevel:
        """The level that the batch size goes by."""
        if self._recorder is None:
            return self._start_level
        return OptimizationLevel(self._recorder.optimization_level())

    def batch(self, operation: str | None = None, *, items: int) -> Batch:
        """A batch of so many items: `with manager.batch("hiring", items=n): …`"""
        return self._live().batch(operation or self._operation, items)

    def iter_batches(self, sequence: Any, operation: str | None = None) -> Iterator[Any]:
        """Works through a sequence in slices, each as large as it may be, each recorded.

        Lists, arrays, data frames and tables are sliced; what has no length comes in lists.
        """
        return iter_batches(self, sequence, operation or self._operation)

    def operation(self, name: str) -> _Operation:
        """Names what the job does from here on; with `with`, until the end of its block."""
        return _Operation(self, name)

    # What was seen

    def add_profiling_hook(self, hook: Callable[[MemorySnapshot], object]) -> None:
        """Calls `hook` with each snapshot while `profiling_enabled` is set."""
        first = not self._hooks
        self._hooks.append(hook)
        if first and self._recorder is not None:
            self._recorder.add_hook(_weak(self, AdaptiveMemoryManager._call_hooks))

    def get_memory_statistics(self) -> dict[str, Any]:
        """The figures of now and the totals so far."""
        statistics: dict[str, Any] | None = json.loads(self._live().statistics())
        if statistics is None or statistics["current"] is None:
            self.force_memory_check()
            statistics = json.loads(self._live().statistics())
        assert statistics is not None
        for part in ("current", "trends"):
            for name, value in (statistics[part] or {}).items():
                if isinstance(value, float):
                    statistics[part][name] = round(value, 1)
        statistics["monitoring_active"] = self._is_monitoring()
        return statistics

    def get_recommendations(self, *, recent_only: bool = True) -> list[dict[str, Any]]:
        """What to do, as far as the run can tell already."""
        found: list[dict[str, Any]] = json.loads(self._live().recommendations())
        return found

    def export_memory_profile(self, filepath: str | os.PathLike[str] | None = None) -> Path:
        """Writes the history as a profile; answers where."""
        path = self._free_name() if filepath is None else Path(filepath)
        path.parent.mkdir(parents=True, exist_ok=True)
        recorder = self._live()
        if json.loads(recorder.statistics())["current"] is None:
            self.force_memory_check()
        recorder.export(path)
        return path

    def reset_statistics(self) -> None:
        """Sets the counters to 0."""
        if self._recorder is not None:
            self._recorder.reset_statistics()

    @property
    def stream_path(self) -> Path | None:
        """The stream that is written, if one is."""
        path = None if self._recorder is None else self._recorder.stream_path
        return None if path is None else Path(path)

    def config_changed(self) -> None:
        """Takes over what was assigned to the config."""
        if self._recorder is not None:
            self._recorder.reconfigure(self.config._settings(self._floors))

    # Inside

    def _live(self) -> _memtool.Recorder:
        """The recorder of this process, begun if need be."""
        if self._recorder is None:
            config = self.config
            written = config.enabled and config.stream and self._pid == os.getpid()
            recorder = _memtool.Recorder(
                config._settings(self._floors),
                start_level=self._start_level.value,
                folder=os.fspath(self.reports_dir) if written else None,
                job=config.job,
                limit_mb=config.memory_limit_mb,
                include_children=config.include_children,
                fake=self._memory,
            )
            recorder.on_gc(gc.collect)
            recorder.on_critical(_weak(self, AdaptiveMemoryManager._critical))
            if self._hooks:
                recorder.add_hook(_weak(self, AdaptiveMemoryManager._call_hooks))
            self._recorder = recorder
        return self._recorder

    def _floors(self) -> tuple[float, float, float]:
        return (500.0, 1000.0, 2000.0) if self._memory is not None else _memtool.available_limits()

    def _is_monitoring(self) -> bool:
        return self._recorder is not None and self._recorder.is_looking

    def _unseen(self, operation: str | None) -> MemorySnapshot:
        """What a check answers that could see nothing: no action followed from it."""
        self._log.say("warning", "memory could not be read")
        size = self.get_current_batch_size()
        now = datetime.now(timezone.utc)
        return MemorySnapshot(now, 0.0, 0.0, 0.0, 0.0, MemoryPressureLevel.LOW, 0, size, operation)

    def _call_hooks(self, snapshot: MemorySnapshot) -> None:
        for hook in list(self._hooks):
            try:
                hook(snapshot)
            except Exception as error:  # noqa: BLE001
                self._log.say("error", "a profiling hook failed", hook=repr(hook), error=repr(error))

    def _critical(self, snapshot: MemorySnapshot) -> None:
        self._log.say("warning", "memory is critical", rss_mb=snapshot.rss_mb, available_mb=snapshot.available_mb)

    def _free_name(self) -> Path:
        stem = f"memory_profile_{datetime.now(timezone.utc):%Y%m%d_%H%M%S}"
        path, number = self.reports_dir / f"{stem}.json", 1
        while path.exists():
            number += 1
            path = self.reports_dir / f"{stem}_{number}.json"
        return path


class _Operation:
    """Gives the old name back at the end of a `with` block."""

    def __init__(self, manager: AdaptiveMemoryManager, name: str) -> None:
        self._manager, self._before = manager, manager._operation
        self._set(name)

    def _set(self, name: str) -> None:
        self._manager._operation = name
        self._manager._live().operation(name)

    def __enter__(self) -> None:
        return None

    def __exit__(self, *exception: object) -> None:
        self._set(self._before)


def create_adaptive_memory_manager(
    optimization_level: OptimizationLevel = OptimizationLevel.MEDIUM,
    memory_limit_gb: float | None = None,
    logger: Any = None,
    **config_overrides: Any,
) -> AdaptiveMemoryManager:
    """A manager whose thresholds follow from a limit, with any field of the config on top."""
    if memory_limit_gb is not None:
        config_overrides.setdefault("memory_limit_mb", memory_limit_gb * 1024)
    reports_dir = config_overrides.pop("reports_dir", _REPORTS)
    config = AdaptiveConfig(**config_overrides)
    return AdaptiveMemoryManager(config, logger, reports_dir=reports_dir, start_level=optimization_level)


def _weak(
    manager: AdaptiveMemoryManager, method: Callable[[AdaptiveMemoryManager, MemorySnapshot], None]
) -> Callable[[MemorySnapshot], None]:
    """A callback that keeps nothing alive."""
    weakly = ref(manager)

    def call(snapshot: MemorySnapshot) -> None:
        there = weakly()
        if there is not None:
            method(there, snapshot)

    return call


def _at_exit() -> None:
    """Closes all streams while Python can still be called; after this nothing of ours calls it."""
    for manager in list(_all):
        manager.stop_monitoring()
    _memtool.no_more_callbacks()


def _after_fork_in_child() -> None:
    """The parent goes on recording itself; the child begins anew if it wants to."""
    _monitoring.clear()
    for manager in list(_all):
        _inherited.append(manager._recorder)
        manager._recorder = None


# What belongs to the parent is not touched, and not freed either.
_inherited: list[_memtool.Recorder | None] = []

atexit.register(_at_exit)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)
