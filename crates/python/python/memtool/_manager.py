"""The manager: the surface of the recorder that a job holds."""

from __future__ import annotations

import gc
import json
import os
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import TracebackType
from typing import Any
from weakref import ref

from memtool import _lifecycle, _memtool
from memtool._batches import iter_batches
from memtool._config import AdaptiveConfig, Listener, listen
from memtool._levels import MemoryPressureLevel, OptimizationLevel
from memtool._log import Log
from memtool._memtool import Batch, FakeMemory, MemorySnapshot

_REPORTS = Path("reports/memory")
# Recommendations that last held longer ago are not recent.
_RECENT = timedelta(hours=1)


class AdaptiveMemoryManager(Listener):
    """Samples the memory of the job and chooses the size of the next batch."""

    def __init__(
        self,
        config: AdaptiveConfig | None = None,
        logger: Any = None,
        *,
        reports_dir: str | os.PathLike[str] = _REPORTS,
        start_level: OptimizationLevel | None = None,
        memory: FakeMemory | None = None,
    ) -> None:
        """It begins at `start_level`, else at the config's `optimization_level`, else at medium.

        `memory` replaces the real one in tests of jobs.

        Raises ValueError if a number of the config cannot be used.
        """
        self.config = AdaptiveConfig() if config is None else config
        self.reports_dir = Path(reports_dir)
        self._log = Log(logger)
        self.logger = self._log.logger
        """The logger it was given, or that of the package."""
        self._start_level = start_level or self.config.optimization_level or OptimizationLevel.MEDIUM
        self._memory = memory
        self._lock = threading.Lock()
        self._recorder: _memtool.Recorder | None = None
        self._gc_watch: _memtool.GcWatch | None = None
        self._hooks: list[Callable[[MemorySnapshot], object]] = []
        self._operation: str | None = None
        self._meters: dict[str, Callable[[], float]] = {}
        self._applied = self._settings()
        _memtool.check_settings(self._applied)
        listen(self)
        _lifecycle.watch(self)

    # Monitoring

    def start_monitoring(self) -> None:
        """Starts sampling at the interval; does nothing if it runs already, or is disabled."""
        if not self.config.enabled:
            self._log.log("info", "memory monitoring is disabled")
            return
        recorder = self._counting()
        if recorder.is_sampling:
            return
        recorder.check()
        if not recorder.resume():
            self._log.log("error", "memory monitoring could not start: cannot create a thread")
            return
        with self._lock:
            if self._gc_watch is None:
                self._gc_watch = recorder.gc_watch(_collections())
                gc.callbacks.append(self._gc_watch)
        _lifecycle.keep(self)
        self._log.log("info", "memory monitoring started", stream=recorder.stream_path)

    def stop_monitoring(self) -> None:
        """Ends that, within two seconds, and closes the stream."""
        _lifecycle.let_go(self)
        with self._lock:
            recorder, watch, self._gc_watch = self._recorder, self._gc_watch, None
        if watch in gc.callbacks:
            gc.callbacks.remove(watch)
        if recorder is None:
            return
        sampled = recorder.is_sampling
        # Lines of a job without a sampling thread may still wait.
        if not recorder.pause():
            self._log.log("warning", "the end of the recording could not be written in time")
        if sampled:
            self._log.log("info", "memory monitoring stopped")

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
        """Samples memory now, acts on it, and returns the snapshot."""
        seen = self._counting().check(operation)
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
        """A batch of `items` items: `with manager.batch("hiring", items=n): …`"""
        return self._live().batch(operation or self._operation or "batch", items)

    def iter_batches(self, sequence: Any, operation: str | None = None) -> Iterator[Any]:
        """Works through a sequence in slices, each as large as it may be, each recorded.

        Lists, arrays, data frames and tables are sliced; what has no length comes in lists.
        """
        return iter_batches(self, sequence, operation or self._operation or "batch")

    def operation(self, name: str) -> _Operation:
        """Names what the job does from here on; with `with`, until the end of its block."""
        before = self._operation
        self._set_operation(name)
        return _Operation(self, before)

    # What the job knows of its memory

    def add_cache(self, name: str, *, limit_mb: float | None = None) -> None:
        """Declares a cache that the job fills up to a limit and keeps intentionally.

        A database's buffer pool, say: below its limit it is not reported as a leak.
        """
        self._live().add_cache(name, limit_mb)

    def add_meter(self, name: str, read: Callable[[], float]) -> None:
        """Records what `read` returns, a number of bytes: `add_meter("arrow", pyarrow.total_allocated_bytes)`.

        It is called at the ends of batches and beside samples, once per second at most. A run has 64
        meters at most; one more raises ValueError.
        """
        if not self._live().add_meter(name, read):
            raise ValueError("a run has 64 meters at most")
        self._meters[name] = read

    def reserve(self, room_mb: float) -> None:
        """Keeps room for work outside batches: predicted batch sizes leave this much free."""
        self._live().reserve(room_mb)

    def retained(self, kept_mb: float) -> None:
        """Declares the memory that the job keeps intentionally by now; it is written to each later batch."""
        self._live().retained(kept_mb)

    # What was seen

    def add_profiling_hook(self, hook: Callable[[MemorySnapshot], object]) -> None:
        """Calls `hook` with each snapshot while `profiling_enabled` is set."""
        self._hooks.append(hook)
        if len(self._hooks) == 1 and self._recorder is not None:
            self._recorder.add_hook(_weak(self, AdaptiveMemoryManager._call_hooks))

    def get_memory_statistics(self) -> dict[str, Any]:
        """The figures of now and the totals so far."""
        recorder = self._live()
        now = recorder.peek() or self._unseen(None)
        statistics: dict[str, Any] = json.loads(recorder.statistics())
        in_force = statistics["current"] or {}
        statistics["current"] = {
            "memory_mb": round(now.rss_mb, 1),
            "available_mb": None if now.available_mb is None else round(now.available_mb, 1),
            "pressure_level": now.pressure_level.value,
            "batch_size": self.get_current_batch_size(),
            "optimization_level": self.get_current_optimization_level().value,
            "fallback_active": in_force.get("fallback_active", False),
        }
        trends = statistics["trends"] or _trends_of(now)
        statistics["trends"] = {name: round(value, 1) for name, value in trends.items()}
        statistics["monitoring_active"] = recorder.is_sampling
        return statistics

    def get_recommendations(self, *, recent_only: bool = True) -> list[dict[str, Any]]:
        """Advice from the run so far; recent is what held within the last hour."""
        found: list[dict[str, Any]] = json.loads(self._live().recommendations())
        since = datetime.now(timezone.utc) - _RECENT
        return [advice for advice in found if not recent_only or _moment(advice["timestamp"]) >= since]

    def export_memory_profile(self, filepath: str | os.PathLike[str] | None = None) -> Path:
        """Writes the history as a profile and returns its path.

        Raises OSError where it cannot be written.
        """
        recorder = self._counting()
        if json.loads(recorder.statistics())["current"] is None:
            recorder.check()
        if filepath is not None:
            path = Path(filepath)
            path.parent.mkdir(parents=True, exist_ok=True)
            recorder.export(path)
            return path
        self.reports_dir.mkdir(parents=True, exist_ok=True)
        path = _take_name(self.reports_dir)
        try:
            recorder.export(path)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return path

    def metrics(self, *, openmetrics: bool = True) -> str:
        """The live figures for Prometheus, each with the labels `job`, `run` and `machine`: OpenMetrics text, or the
        older text form, which is all that a textfile collector reads. Empty before anything was recorded.
        """
        return "" if self._recorder is None else self._recorder.metrics(openmetrics=openmetrics)

    def reset_statistics(self) -> None:
        """Sets the counters to 0 and drops the recommendations."""
        if self._recorder is not None:
            self._recorder.reset_statistics()

    @property
    def stream_path(self) -> Path | None:
        """The stream that is written, once something was recorded."""
        path = None if self._recorder is None else self._recorder.stream_path
        return None if path is None else Path(path)

    # Inside

    def config_changed(self) -> None:
        """Takes over what was assigned to the config."""
        settings = self._settings()
        if settings == self._applied:
            return
        _memtool.check_settings(settings)
        self._applied = settings
        if self._recorder is not None:
            self._recorder.reconfigure(settings)

    def _settings(self) -> str:
        fake = self._memory is not None
        if fake:
            return self.config.to_settings((500.0, 1000.0, 2000.0), None)
        return self.config.to_settings(_memtool.available_limits(), _memtool.small_limit())

    def _live(self) -> _memtool.Recorder:
        """The recorder of this process, begun if need be."""
        with self._lock:
            if self._recorder is None:
                self._recorder = self._begun()
            return self._recorder

    def _counting(self) -> _memtool.Recorder:
        """The same; it knows how many collections there were."""
        recorder = self._recorder or self._live()
        if self._gc_watch is None:
            recorder.set_collections(_collections())
        return recorder

    def _begun(self) -> _memtool.Recorder:
        config = self.config
        recorder = _memtool.Recorder(
            self._settings(),
            start_level=self._start_level.value,
            folder=os.fspath(self.reports_dir) if config.enabled and config.stream else None,
            job=config.job,
            version_label=config.version_label,
            machine=config.machine,
            image=config.image,
            parameters=[(str(name), str(value)) for name, value in config.parameters.items()],
            limit_mb=config.memory_limit_mb,
            include_children=config.include_children,
            pss=config.pss,
            exact_peaks=config.exact_peaks,
            fake=self._memory,
        )
        recorder.operation(self._operation)
        recorder.on_gc(gc.collect)
        recorder.count_blocks(sys.getallocatedblocks)
        for name, read in self._meters.items():
            recorder.add_meter(name, read)
        recorder.on_critical(_weak(self, AdaptiveMemoryManager._critical))
        recorder.on_size_change(_weak(self, AdaptiveMemoryManager._size_changed))
        if self._hooks:
            recorder.add_hook(_weak(self, AdaptiveMemoryManager._call_hooks))
        return recorder

    def _set_operation(self, name: str | None) -> None:
        self._operation = name
        self._live().operation(name)

    def _unseen(self, operation: str | None) -> MemorySnapshot:
        """The snapshot that replaces a failed sample; no action followed from it."""
        self._log.log("warning", "memory could not be read")
        size = self.get_current_batch_size()
        now = datetime.now(timezone.utc)
        return MemorySnapshot(now, 0.0, 0.0, 0.0, 0.0, MemoryPressureLevel.LOW, 0, size, operation)

    def _call_hooks(self, snapshot: MemorySnapshot) -> None:
        for hook in list(self._hooks):
            try:
                hook(snapshot)
            except Exception as error:  # A hook may raise what it likes.
                self._log.log("error", "a profiling hook failed", hook=repr(hook), error=repr(error))

    def _critical(self, snapshot: MemorySnapshot) -> None:
        self._log.log(
            "warning", "memory is critical", rss_mb=snapshot.rss_mb, available_mb=snapshot.available_mb
        )

    def _size_changed(self, before: int, after: int, snapshot: MemorySnapshot) -> None:
        self._log.log(
            "info",
            "batch size changed",
            before=before,
            after=after,
            rss_mb=snapshot.rss_mb,
            pressure_level=snapshot.pressure_level.value,
        )

    def _before_fork(self) -> None:
        self._level_at_fork = self.get_current_optimization_level()

    def _after_fork_in_child(self) -> object:
        """Begins anew at the parent's level; returns what was the parent's."""
        self._lock = threading.Lock()
        self._start_level = self._level_at_fork
        inherited = (self._recorder, self._gc_watch)
        if self._gc_watch in gc.callbacks:
            gc.callbacks.remove(self._gc_watch)
        self._recorder = self._gc_watch = None
        return inherited


class _Operation:
    """Gives the old name back at the end of a `with` block."""

    def __init__(self, manager: AdaptiveMemoryManager, before: str | None) -> None:
        self._manager, self._before = manager, before

    def __enter__(self) -> None:
        return None

    def __exit__(self, *exception: object) -> None:
        self._manager._set_operation(self._before)


def create_adaptive_memory_manager(
    optimization_level: OptimizationLevel = OptimizationLevel.MEDIUM,
    memory_limit_gb: float | None = None,
    logger: Any = None,
    *,
    reports_dir: str | os.PathLike[str] = _REPORTS,
    **config_overrides: Any,
) -> AdaptiveMemoryManager:
    """A manager whose thresholds follow from a limit, with any field of the config on top.

    It begins at `optimization_level`. Raises TypeError for an unknown field, ValueError for a
    number that cannot be used.
    """
    if memory_limit_gb is not None:
        config_overrides.setdefault("memory_limit_mb", memory_limit_gb * 1024)
    config = AdaptiveConfig(**config_overrides)
    return AdaptiveMemoryManager(config, logger, reports_dir=reports_dir, start_level=optimization_level)


def _weak(manager: AdaptiveMemoryManager, method: Callable[..., None]) -> Callable[..., None]:
    """A callback that keeps nothing alive."""
    weakly = ref(manager)

    def call(*arguments: object) -> None:
        there = weakly()
        if there is not None:
            method(there, *arguments)

    return call


def _collections() -> int:
    """Collections since the interpreter started, of all generations."""
    return sum(generation["collections"] for generation in gc.get_stats())


def _trends_of(only: MemorySnapshot) -> dict[str, float]:
    return {
        "avg_memory_mb": only.rss_mb,
        "peak_memory_mb": only.rss_mb,
        "memory_trend_mb": 0.0,
        "samples_count": 0,
    }


def _moment(text: str) -> datetime:
    # Python 3.10 reads neither the Z nor nanoseconds.
    return datetime.fromisoformat(text[:19]).replace(tzinfo=timezone.utc)


def _take_name(folder: Path) -> Path:
    """A name for a profile that nothing else has, taken so that nothing else gets it."""
    stem = f"memory_profile_{datetime.now(timezone.utc):%Y%m%d_%H%M%S}"
    number = 1
    while True:
        path = folder / (f"{stem}.json" if number == 1 else f"{stem}_{number}.json")
        try:
            path.touch(exist_ok=False)
            return path
        except FileExistsError:
            number += 1
