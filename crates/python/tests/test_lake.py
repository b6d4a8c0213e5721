"""The queries of docs/fleet.md, in the engines that they are written for, on the lake of the fixtures."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

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


def of_spark(code: str) -> bool:
    return "spark." in code


@pytest.mark.parametrize("code", [code for code in shown("python") if not of_spark(code)])
def test_polars_answers_what_is_shown(code: str) -> None:
    names: dict[str, object] = {"pl": polars}
    exec(code, names)
    answer = names["answer"]
    assert isinstance(answer, polars.DataFrame) and answer.height > 0, code


SPARK = """
from pyspark.sql import SparkSession

spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
{code}
rows = [tuple(row) for row in answer.collect()]
tables = [spark.read.parquet(f"{lake}/{{table}}").count() for table in ("samples", "batches", "findings")]
print("answer", repr((rows, tables)))
spark.stop()
"""


@pytest.mark.skipif(
    shutil.which("java") is None or importlib.util.find_spec("pyspark") is None,
    reason="Spark needs java and pyspark",
)
def test_spark_answers_as_duckdb_does(tmp_path: Path) -> None:
    (code,) = filter(of_spark, shown("python"))
    script = tmp_path / "program.py"
    script.write_text(SPARK.format(code=textwrap.dedent(code), lake=LAKE))
    home = Path(importlib.util.find_spec("pyspark").origin).parent  # type: ignore[union-attr, arg-type]
    own = {"PYSPARK_PYTHON": sys.executable, "SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1"}
    done = subprocess.run(
        [sys.executable, str(script)], env={**os.environ, **own}, capture_output=True, text=True, timeout=600
    )
    found = re.search(r"answer (.*)$", done.stdout)
    assert done.returncode == 0 and found is not None, done.stdout + done.stderr
    runs = duckdb.sql(
        "SELECT job, count(*), count_if(killed), quantile_cont(peak_rss_mb, 0.95) "
        f"FROM read_parquet('{LAKE}/runs/**/*.parquet', hive_partitioning = true) "
        "WHERE day >= DATE '2026-06-01' GROUP BY job ORDER BY job"
    ).fetchall()
    counts = [
        duckdb.sql(f"SELECT count(*) FROM read_parquet('{LAKE}/{table}/**/*.parquet')").fetchall()[0][0]
        for table in ("samples", "batches", "findings")
    ]
    assert found[1] == repr((runs, counts))


def test_there_are_queries() -> None:
    assert len(shown("sql")) >= 3 and len(shown("python")) == 2


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
