"""Judging many runs, on one machine or by an engine: see docs/engines.md."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterable
from typing import Any, Protocol, runtime_checkable

from memtool import _memtool
from memtool._memtool import Table


@runtime_checkable
class ArrowData(Protocol):
    """Rows from any library that hands over Arrow data: pyarrow, polars, pandas, DuckDB, or a `Table` of this one."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...


def analyze(
    files: ArrowData | Iterable[str | os.PathLike[str]],
    *,
    threads: int | None = None,
    memory_budget_mb: int | None = None,
) -> Table:
    """Judges runs: their peaks, whether they leak, what is wrong.

    `files` are paths, or rows with a column `uri` (or `path`) of text and, unless the paths are to be opened here, one
    `bytes` (or `content`) with what stands in the file, compressed or not. Every file that memtool reads will do.

    The table has a row a run, by `uri`, in the order of the files: job, start, samples, peak, limit, leak, findings, how it
    ended. A file that cannot be read is a row with an `error`. Each file is judged by itself.

    `threads` is how many files are read at a time, by default as many as there are processors; the interpreter is
    free meanwhile. Of a run whose samples do not fit into its share of `memory_budget_mb` some are left out.

    Raises TypeError where a column is missing or holds something else.
    """
    if not hasattr(files, "__arrow_c_stream__") and not hasattr(files, "__arrow_c_array__"):
        # A name that is no Unicode is reported like a file that is not there.
        files = [os.fsencode(path).decode(errors="replace") for path in files]
    return _memtool.analyze(_aligned(files), threads=threads, memory_budget_mb=memory_budget_mb)


def summary(rows: ArrowData) -> Table:
    """Sums up rows of `analyze`, a row a job: counts, worst cases, how peaks spread.

    Of the same runs it is always the same, however they were divided before `merge`.
    """
    return _memtool.summary(_aligned(rows))


def merge(*summaries: ArrowData) -> Table:
    """The summary of all runs of several summaries."""
    return _memtool.merge(*map(_aligned, summaries))


def quantile(summary: ArrowData, figure: str, share: float) -> dict[str | None, float | None]:
    """For each job of a summary the smallest value that at least this share of its runs does not exceed, within 1 %.

    `figure` is `peak_rss_mb` or `limit_share`, the peak as a share of the limit.
    """
    return dict(_memtool.quantiles(_aligned(summary), figure, share))


def _aligned(rows: Any) -> Any:
    """The rows, copied where pyarrow got them from another process at places that are no multiples of 8: whoever reads
    them here counts on that.
    """
    if not (type(rows).__module__.startswith("pyarrow") and hasattr(rows, "take")):
        return rows
    chunks = [chunk for column in rows.columns for chunk in getattr(column, "chunks", [column])]
    if all(buffer is None or buffer.address % 8 == 0 for chunk in chunks for buffer in chunk.buffers()):
        return rows
    return rows.take(importlib.import_module("pyarrow").array(range(rows.num_rows), "int64"))
