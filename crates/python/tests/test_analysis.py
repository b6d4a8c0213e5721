"""Runs judged from Arrow rows, and summaries that merge."""

from __future__ import annotations

import gzip
import itertools
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import memtool
import pandas
import polars
import pyarrow
import pytest


@pytest.fixture(scope="session")
def files(runs: Path) -> list[Path]:
    return sorted(path for path in runs.rglob("memory_*") if path.suffix in (".json", ".ndjson"))


@pytest.fixture(scope="session")
def rows(files: list[Path]) -> pyarrow.Table:
    return pyarrow.table(memtool.analyze(files))


def table(files: list[Path]) -> pyarrow.Table:
    return pyarrow.table({"uri": [str(path) for path in files], "bytes": [path.read_bytes() for path in files]})


def test_a_row_a_run_in_the_order_of_the_files(files: list[Path], rows: pyarrow.Table) -> None:
    assert rows["uri"].to_pylist() == [str(path) for path in files]
    assert rows["error"].null_count == len(files)
    leak = next(row for row in rows.to_pylist() if row["uri"].endswith("memory_profile_head_leak.json"))
    assert leak["leak_verdict"] == "leak" and "memory_leak" in leak["findings"] and leak["severity"] == "high"
    assert round(leak["peak_rss_mb"]) == 1456 and leak["started"].utcoffset().total_seconds() == 0


def relation(data: pyarrow.Table) -> Any:
    return duckdb.sql("SELECT * FROM data")


@pytest.mark.parametrize("as_frame", [
    pyarrow.Table.to_reader,
    lambda data: data.combine_chunks().to_batches()[0],
    polars.DataFrame,
    pyarrow.Table.to_pandas,
    relation,
    lambda data: data.cast(pyarrow.schema([("uri", pyarrow.large_string()), ("bytes", pyarrow.large_binary())])),
    lambda data: data.rename_columns(["path", "content"]),
])
def test_whoever_hands_rows_over(
    as_frame: Callable[[pyarrow.Table], Any], files: list[Path], rows: pyarrow.Table
) -> None:
    found = memtool.analyze(as_frame(table(files)))
    assert pyarrow.table(found).equals(rows)


def test_paths_in_rows_are_opened(files: list[Path], rows: pyarrow.Table) -> None:
    uris = pandas.DataFrame({"uri": [f"file://{path}" for path in files]})
    found = pyarrow.table(memtool.analyze(uris))
    assert found.drop_columns("uri").equals(rows.drop_columns("uri"))


def test_threads_and_packing_change_nothing(files: list[Path], rows: pyarrow.Table) -> None:
    assert pyarrow.table(memtool.analyze(files, threads=1)).equals(rows)
    packed = pyarrow.table({
        "uri": [str(path) for path in files],
        "bytes": [gzip.compress(path.read_bytes(), 1) for path in files],
    })
    assert pyarrow.table(memtool.analyze(packed)).equals(rows)


def test_a_bad_file_is_a_row_with_its_error(files: list[Path], tmp_path: Path) -> None:
    good = files[0]
    table = pyarrow.table({
        "uri": [str(good), str(tmp_path / "none.json"), "torn.json", "empty", "x.parquet", None],
        "bytes": [None, None, b'{"metadata": {"thresholds_mb"', b"", b"PAR1", b"\x00\xff"],
    })
    found = memtool.analyze(table)
    assert [error is None for error in found["error"]] == [True, False, False, False, False, False]
    assert "line 1" in found["error"][2] and "from its path" in found["error"][4]
    assert found["peak_rss_mb"][1:] == [None] * 5
    summary = memtool.summary(found)
    assert (sum(summary["runs"]), sum(summary["errors"])) == (1, 5)


def test_no_files_have_columns_all_the_same() -> None:
    empty = memtool.analyze([])
    assert len(empty) == 0 and pyarrow.table(empty).schema.field("findings").type == pyarrow.list_(pyarrow.string())
    assert len(memtool.summary(empty)) == 0 and len(memtool.merge()) == 0


@pytest.mark.parametrize(("given", "said"), [
    ({"name": ["a"]}, "expected a column uri or path of text, found the columns name"),
    ({"uri": [1]}, "column uri: expected text, found Int64"),
    ({"uri": ["a"], "bytes": [1.0]}, "column bytes: expected bytes, found Float64"),
])
def test_columns_that_do_not_fit_are_said(given: dict[str, list[Any]], said: str) -> None:
    with pytest.raises(TypeError, match=said):
        memtool.analyze(pyarrow.table(given))


def test_what_is_no_table_is_said() -> None:
    with pytest.raises(TypeError, match="expected Arrow data .*, found int"):
        memtool.summary(7)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="expected peak_rss_mb or limit_share, found \"rss\""):
        memtool.quantile(memtool.summary(memtool.analyze([])), "rss", 0.5)
    with pytest.raises(ValueError, match="from 0 to 1, found 95"):
        memtool.quantile(memtool.summary(memtool.analyze([])), "peak_rss_mb", 95)


def test_summaries_merge_to_the_summary_of_all(rows: pyarrow.Table) -> None:
    whole = pyarrow.table(memtool.summary(rows))
    order = list(range(rows.num_rows))
    random.Random(18).shuffle(order)
    cut = [order[start::3] for start in range(3)]
    parts = [memtool.summary(rows.take(part)) for part in cut]
    for a, b, c in itertools.permutations(parts):
        left = memtool.merge(memtool.merge(a, b), c)
        right = memtool.merge(a, memtool.merge(b, c))
        assert pyarrow.table(left).equals(whole) and pyarrow.table(right).equals(whole)


def test_a_summary_survives_other_libraries(rows: pyarrow.Table) -> None:
    whole = memtool.summary(rows)
    for frame in (polars.DataFrame(whole), pyarrow.table(whole).to_pandas()):
        assert pyarrow.table(memtool.merge(frame)).equals(pyarrow.table(whole))


def test_counts_and_worst_cases_are_those_of_the_rows(rows: pyarrow.Table) -> None:
    summary = pyarrow.table(memtool.summary(rows)).to_pylist()
    for job in summary:
        own = [row for row in rows.to_pylist() if row["job"] == job["job"]]
        assert (job["runs"], job["samples"]) == (len(own), sum(row["samples"] for row in own))
        assert job["leaks"] == sum(row["leak_verdict"] == "leak" for row in own)
        worst = max(own, key=lambda row: row["peak_rss_mb"])
        assert job["peak_rss_mb_max"] == worst["peak_rss_mb"]
    assert [job["job"] for job in summary][:1] == [None], "runs without a job come first"


@pytest.mark.parametrize("share", [0.0, 0.5, 0.95, 1.0])
def test_quantiles_are_within_a_hundredth(rows: pyarrow.Table, share: float) -> None:
    found = memtool.quantile(memtool.summary(rows), "peak_rss_mb", share)
    for job, value in found.items():
        peaks = sorted(row["peak_rss_mb"] for row in rows.to_pylist() if row["job"] == job)
        wanted = peaks[max(0, -(-int(share * 1000 * len(peaks)) // 1000) - 1)]
        assert value is not None and abs(value - wanted) <= 0.01 * wanted * (1 + 1e-9), (job, value, wanted)


def test_rows_that_begin_anywhere_in_memory(rows: pyarrow.Table) -> None:
    whole = pyarrow.table(memtool.summary(rows))
    for table in (rows, whole):
        sink = pyarrow.BufferOutputStream()
        with pyarrow.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        shifted = pyarrow.py_buffer(b"-" + sink.getvalue().to_pybytes()).slice(1)
        moved = pyarrow.ipc.open_stream(shifted).read_all()
        assert moved["job"].chunk(0).buffers()[1].address % 4 != 0
        found = memtool.summary(moved) if table is rows else memtool.merge(moved, memtool.summary(rows.slice(0, 0)))
        assert pyarrow.table(found).equals(whole)
