"""What decides the batch sizes of a program and records it.

Settings are {"policy": "plain" | "fixed" | "thresholds" | "predictive", "size", "limit_mb", "interval_s", "children", "reports"}.
"""
import contextlib

LEVELS = ("low", "medium", "high", "fallback")


class Plain:
    """A loop of one size that knows nothing of memtool; it is recorded from outside."""

    def __init__(self, size):
        self._size, self._number = size, 0

    def size(self, _operation):
        return self._size

    @contextlib.contextmanager
    def batch(self, _operation, _items):
        self._number += 1
        yield self._number

    @contextlib.contextmanager
    def stage(self, _name):
        yield

    def retained(self, _bytes):
        """So many bytes are kept on purpose by now."""

    def meter(self, _name, _read):
        """`_read` says how many bytes an allocator of its own has handed out."""

    def close(self):
        pass


class Managed(Plain):
    """The same loop with memtool's manager in the job."""

    def __init__(self, manager):
        super().__init__(None)
        self._manager = manager
        manager.start_monitoring()

    def size(self, operation):
        return self._manager.get_current_batch_size(operation)

    @contextlib.contextmanager
    def batch(self, operation, items):
        self._number += 1
        with self._manager.batch(operation, items=items):
            yield self._number

    @contextlib.contextmanager
    def stage(self, name):
        self._manager.force_memory_check(f"{name}_start")
        yield
        self._manager.force_memory_check(f"{name}_complete")

    def retained(self, count):
        self._manager.retained(count / (1 << 20))

    def meter(self, name, read):
        self._manager.add_meter(name, read)

    def close(self):
        self._manager.stop_monitoring()


def make(settings):
    """The driver of some settings."""
    if settings["policy"] == "plain":
        return Plain(settings["size"])
    from memtool import AdaptiveConfig, AdaptiveMemoryManager, BatchSizeConfig

    config = AdaptiveConfig(memory_limit_mb=settings["limit_mb"], predictive=settings["policy"] == "predictive")
    config.monitoring_interval_seconds, config.history_size = settings["interval_s"], 1000
    config.include_children = settings["children"]
    if settings["policy"] == "fixed":
        config.batch_sizes = BatchSizeConfig(**dict.fromkeys(LEVELS, settings["size"]))
        config.auto_gc_enabled = False
    return Managed(AdaptiveMemoryManager(config, reports_dir=settings["reports"]))
