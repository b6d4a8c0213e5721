"""The queries of docs/fleet.md, in the engines that they are written for, on the lake of the fixtures."""

from __future__ import annotations

import re

import duckdb
import polars
import pytest
from conftest import REPOSITORY

LAKE = REPOSITORY / "fixtures" / "lake"
PAGE = (REPOSITORY / "docs" / "fleet.md").read_text()


def shown(language: str) -> list[str]:
    blocks = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    return [block.replace("/mnt/lake", str(LAKE)) for block in blocks]


@pytest.mark.parametrize("query", shown("sql"))
def test_duckdb_answers_what_is_shown(query: str) -> None:
    assert duckdb.sql(query).fetchall(), query


@pytest.mark.parametrize("code", shown("python"))
def test_polars_answers_what_is_shown(code: str) -> None:
    names: dict[str, object] = {"pl": polars}
    exec(code, names)
    answer = names["answer"]
    assert isinstance(answer, polars.DataFrame) and answer.height > 0, code


def test_there_are_queries() -> None:
    assert len(shown("sql")) >= 3 and len(shown("python")) >= 1


def test_both_engines_see_the_same_runs_with_their_days_and_jobs() -> None:
    of_duckdb = duckdb.sql(
        f"SELECT job, count(*), max(peak_rss_mb) FROM read_parquet('{LAKE}/runs/**/*.parquet', hive_partitioning = true) "
        "WHERE day >= DATE '2026-06-02' GROUP BY job ORDER BY job"
    ).fetchall()
    runs = polars.scan_parquet(f"{LAKE}/runs/**/*.parquet", hive_partitioning=True)
    by_job = (
        runs.filter(polars.col("day") >= polars.date(2026, 6, 2))
        .group_by("job")
        .agg(polars.len(), polars.col("peak_rss_mb").max())
        .sort("job")
    )
    assert of_duckdb == by_job.collect().rows()


def test_a_run_has_its_samples() -> None:
    apart = duckdb.sql(
        f"SELECT count(*) FROM (SELECT run, samples FROM read_parquet('{LAKE}/runs/**/*.parquet')) runs "
        f"JOIN (SELECT run, count(*) AS rows FROM read_parquet('{LAKE}/samples/**/*.parquet') GROUP BY run) rows USING (run) "
        "WHERE samples <> rows"
    ).fetchall()
    assert apart == [(0,)]
