from collections.abc import Callable
from datetime import datetime
from os import PathLike
from types import TracebackType
from typing import Any, Final, Literal, final

from memtool._levels import MemoryPressureLevel

__all__ = [
    "__version__",
    "Recorder",
    "Batch",
    "MemorySnapshot",
    "GcWatch",
    "FakeMemory",
    "Profile",
    "Table",
    "analyze",
    "available_limits",
    "check_settings",
    "join_tables",
    "merge",
    "no_more_callbacks",
    "quantiles",
    "read_config",
    "read_profile",
    "small_limit",
    "summary",
]

__version__: Final[str]

@final
class MemorySnapshot:
    """One sample of memory."""

    __match_args__: tuple[str, str, str, str, str, str, str, str, str]
    def __new__(
        cls,
        timestamp: datetime,
        rss_mb: float,
        vms_mb: float | None,
        percent: float | None,
        available_mb: float | None,
        pressure_level: MemoryPressureLevel,
        gc_collections: int,
        batch_size: int,
        operation: str | None = None,
    ) -> MemorySnapshot: ...
    @property
    def timestamp(self) -> datetime:
        """When, with its zone (UTC)."""
    @property
    def rss_mb(self) -> float: ...
    @property
    def vms_mb(self) -> float | None: ...
    @property
    def percent(self) -> float | None: ...
    @property
    def available_mb(self) -> float | None: ...
    @property
    def pressure_level(self) -> MemoryPressureLevel: ...
    @property
    def gc_collections(self) -> int: ...
    @property
    def batch_size(self) -> int: ...
    @property
    def operation(self) -> str | None: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __reduce__(self) -> tuple[type[MemorySnapshot], tuple[Any, ...]]: ...

@final
class Batch:
    """A batch: it begins with `with` and ends with its block, whatever happens inside."""

    @property
    def operation(self) -> str: ...
    @property
    def items(self) -> int: ...
    @property
    def rss_start_mb(self) -> float | None:
        """Resident memory at its start; None until it has ended, or where it could not be read."""
    @property
    def rss_peak_mb(self) -> float | None:
        """The largest inside it."""
    @property
    def rss_end_mb(self) -> float | None:
        """The same at its end."""
    @property
    def exact_peak(self) -> bool:
        """Whether the peak is the kernel's mark, and no other batch was open meanwhile."""
    def __enter__(self) -> Batch: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
        /,
    ) -> Literal[False]: ...

@final
class FakeMemory:
    """What a manager sees in place of the real memory, for tests of jobs."""

    def __new__(
        cls,
        rss_mb: float,
        available_mb: float | None = None,
        *,
        vms_mb: float | None = None,
        percent: float | None = None,
    ) -> FakeMemory: ...
    def set(
        self,
        rss_mb: float,
        available_mb: float | None = None,
        *,
        vms_mb: float | None = None,
        percent: float | None = None,
    ) -> None:
        """Every reading from now on is this one."""
    def fail(self, fail: bool) -> None:
        """Whether every reading from now on fails."""
    @property
    def looks(self) -> int:
        """Looks so far."""

@final
class Table:
    """Rows of equal columns; polars, pandas, pyarrow and DuckDB take it as it is."""

    @property
    def column_names(self) -> list[str]: ...
    @property
    def columns(self) -> dict[str, list[Any]]:
        """All columns as plain lists, by name."""
    def __getitem__(self, name: str, /) -> list[Any]: ...
    def __len__(self) -> int: ...
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...

@final
class Profile:
    """A run as its file holds it, in columns."""

    @property
    def path(self) -> str: ...
    @property
    def format(self) -> str: ...
    @property
    def started(self) -> datetime: ...
    @property
    def job(self) -> str | None: ...
    @property
    def warnings(self) -> list[str]:
        """What a reader should know before trusting the file."""
    @property
    def facts(self) -> dict[str, Any]:
        """Settings, host, process, counters and advice."""
    @property
    def snapshots(self) -> Table: ...
    @property
    def batches(self) -> Table: ...
    @property
    def decisions(self) -> Table: ...
    @property
    def collections(self) -> Table: ...

@final
class GcWatch:
    def __call__(self, phase: str, info: dict[str, int]) -> None: ...

@final
class Recorder:
    def __new__(
        cls,
        settings: str,
        *,
        start_level: str,
        folder: str | PathLike[str] | None,
        job: str | None = None,
        version_label: str | None = None,
        machine: str | None = None,
        image: str | None = None,
        parameters: list[tuple[str, str]] | None = None,
        limit_mb: float | None = None,
        include_children: bool = False,
        pss: bool | None = None,
        exact_peaks: bool = True,
        fake: FakeMemory | None = None,
    ) -> Recorder: ...
    def resume(self) -> bool: ...
    def pause(self) -> bool: ...
    @property
    def is_sampling(self) -> bool: ...
    def check(self, operation: str | None = None) -> MemorySnapshot | None: ...
    def peek(self) -> MemorySnapshot | None: ...
    def batch_size(self, operation: str | None = None) -> int: ...
    def optimization_level(self) -> str: ...
    def batch(self, operation: str, items: int) -> Batch: ...
    def operation(self, name: str | None) -> None: ...
    def reconfigure(self, settings: str) -> None: ...
    def statistics(self) -> str: ...
    def recommendations(self) -> str: ...
    def metrics(self, *, openmetrics: bool) -> str: ...
    def export(self, path: str | PathLike[str]) -> None: ...
    def reset_statistics(self) -> None: ...
    @property
    def stream_path(self) -> str | PathLike[str] | None: ...
    def add_hook(self, hook: Callable[[MemorySnapshot], object]) -> None: ...
    def on_critical(self, alert: Callable[[MemorySnapshot], object]) -> None: ...
    def on_size_change(self, listener: Callable[[int, int, MemorySnapshot], object]) -> None: ...
    def on_gc(self, collector: Callable[[], int]) -> None: ...
    def add_cache(self, name: str, limit_mb: float | None = None) -> None: ...
    def add_meter(self, name: str, read: Callable[[], float]) -> bool: ...
    def count_blocks(self, count: Callable[[], int]) -> None: ...
    def reserve(self, room_mb: float) -> None: ...
    def retained(self, kept_mb: float) -> None: ...
    def set_collections(self, total: int) -> None: ...
    def gc_watch(self, total: int) -> GcWatch: ...

def analyze(files: object, *, threads: int | None = None, memory_budget_mb: int | None = None) -> Table: ...
def available_limits() -> tuple[float, float, float]: ...
def check_settings(json: str) -> None: ...
def join_tables(named: list[tuple[str, Table]]) -> Table: ...
def merge(*summaries: object) -> Table: ...
def no_more_callbacks() -> None: ...
def quantiles(summary: object, figure: str, share: float) -> list[tuple[str | None, float | None]]: ...
def read_config(text: str) -> str: ...
def read_profile(data: bytes, path: str) -> Profile: ...
def small_limit() -> float | None: ...
def summary(rows: object) -> Table: ...
