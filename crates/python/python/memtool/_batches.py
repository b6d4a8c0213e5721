"""Working through a sequence in batches."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any, Protocol


class _Manager(Protocol):
    def get_current_batch_size(self, operation: str | None = None) -> int: ...
    def batch(self, operation: str, *, items: int) -> Any: ...


def iter_batches(manager: _Manager, sequence: Any, operation: str) -> Iterator[Any]:
    """Slices, each as large as it may be right before it begins."""
    if not hasattr(sequence, "__len__"):
        yield from _of_iterator(manager, iter(sequence), operation)
        return
    start, total = 0, len(sequence)
    while start < total:
        stop = min(total, start + max(1, manager.get_current_batch_size(operation)))
        with manager.batch(operation, items=stop - start):
            yield _slice(sequence, start, stop)
        start = stop


def _of_iterator(manager: _Manager, iterator: Iterator[Any], operation: str) -> Iterator[list[Any]]:
    """The same for what has no length: lists."""
    while chunk := list(islice(iterator, max(1, manager.get_current_batch_size(operation)))):
        with manager.batch(operation, items=len(chunk)):
            # Not kept here while the job works on it.
            held = [chunk]
            del chunk
            yield held.pop()


def _slice(sequence: Any, start: int, stop: int) -> Any:
    """Rows of a data frame or table, items of anything else."""
    if hasattr(sequence, "iloc"):
        return sequence.iloc[start:stop]
    if callable(getattr(sequence, "slice", None)):
        return sequence.slice(start, stop - start)
    return sequence[start:stop]
