"""The recipes of docs/engines.md give the answer of one call, whoever dies on the way.

Dask runs everywhere; Spark and Ray where they are installed: `pip install pyspark "ray[data]"`, 1 GB, and Java.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from conftest import REPOSITORY

DASK = """
import glob, os, signal, sys
import dask.bag, memtool, pyarrow
from dask.distributed import Client, LocalCluster

paths, dying = {paths!r}, {dying!r}

def die_once():
    # The first worker that comes by dies as under the kernel's killer; its part is computed again.
    try:
        os.close(os.open(dying, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return
    os.kill(os.getpid(), signal.SIGKILL)

if __name__ == "__main__":
    cluster = LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None)
{recipe}
    whole = pyarrow.table(memtool.summary(memtool.analyze(paths)))
    assert whole.num_rows > 1 and summary.equals(whole), (summary, whole)
    assert os.path.exists(dying), "no worker died"
    print("same")
    client.close()
    cluster.close()
"""

SPARK = """
import os, signal
import memtool, psutil, pyarrow
from pyspark.sql import SparkSession
from pyspark.sql.pandas.types import from_arrow_schema

folders, dying = {folders!r}, {dying!r}

def die_once():
    try:
        os.close(os.open(dying, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return
    executor = next(parent for parent in psutil.Process().parents() if parent.name() == "java")
    executor.kill()
    os.kill(os.getpid(), signal.SIGKILL)

spark = (SparkSession.builder.master("local-cluster[2,1,1024]").config("spark.ui.enabled", "false")
         .config("spark.sql.files.openCostInBytes", "1").config("spark.sql.files.maxPartitionBytes", "200000").getOrCreate())
{recipe}
paths = sorted(row["path"] for row in files.select("path").collect())
whole = pyarrow.table(memtool.summary(memtool.analyze(paths)))
assert len(paths) == {count}, paths
assert whole.num_rows > 1 and pyarrow.table(summary).equals(whole), (summary, whole)
assert os.path.exists(dying), "no worker died"
print("same")
spark.stop()
"""


RAY = """
import os, signal
import memtool, pyarrow, ray

paths, dying = {paths!r}, {dying!r}

def die_once():
    try:
        os.close(os.open(dying, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return
    os.kill(os.getpid(), signal.SIGKILL)

ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
{recipe}
whole = pyarrow.table(memtool.summary(memtool.analyze(paths)))
assert whole.num_rows > 1 and pyarrow.table(summary).equals(whole), (summary, whole)
assert os.path.exists(dying), "no worker died"
print("same")
ray.shutdown()
"""


def recipe(engine: str) -> str:
    text = (REPOSITORY / "docs/engines.md").read_text()
    found = re.search(rf"^## {engine}\n.*?^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    assert found is not None, engine
    # Its functions judge a part each: the first to be called dies.
    return re.sub(r"^(def judge.*\n)", r"\1    die_once()\n", found[1], flags=re.MULTILINE)


def run(program: str, folder: Path, seconds: int, **variables: str) -> None:
    script = folder / "program.py"
    script.write_text(program)
    environment = {**os.environ, **variables}
    done = subprocess.run(
        [sys.executable, str(script)], cwd=folder, env=environment, capture_output=True, text=True, timeout=seconds
    )
    assert done.returncode == 0 and done.stdout.endswith("same\n"), done.stdout + done.stderr


def test_the_first_block_runs() -> None:
    text = (REPOSITORY / "docs/engines.md").read_text()
    found = re.search(r"```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    assert found is not None
    done = subprocess.run([sys.executable, "-c", found[1]], cwd=REPOSITORY, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and len(done.stdout.splitlines()) == 9, done.stdout + done.stderr


def test_dask_gives_the_answer_of_one_call_though_a_worker_dies(runs: Path, tmp_path: Path) -> None:
    paths = sorted(str(path) for path in runs.rglob("memory_*") if path.suffix in (".json", ".ndjson"))
    own = recipe("Dask").replace('"tcp://scheduler:8786"', "cluster")
    program = DASK.format(paths=paths, dying=str(tmp_path / "died"), recipe=textwrap.indent(own, "    "))
    run(program, tmp_path, 300)


@pytest.mark.skipif(
    shutil.which("java") is None or importlib.util.find_spec("pyspark") is None,
    reason="Spark needs java and pyspark",
)
def test_spark_gives_the_answer_of_one_call_though_an_executor_dies(runs: Path, tmp_path: Path) -> None:
    paths = [path for path in runs.rglob("memory_*") if path.suffix in (".json", ".ndjson")]
    folders = sorted({str(path.parent) for path in paths})
    program = SPARK.format(folders=folders, dying=str(tmp_path / "died"), recipe=recipe("Spark"), count=len(paths))
    home = Path(importlib.util.find_spec("pyspark").origin).parent  # type: ignore[union-attr, arg-type]
    run(program, tmp_path, 600, PYSPARK_PYTHON=sys.executable, SPARK_HOME=str(home), SPARK_LOCAL_IP="127.0.0.1")


@pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="needs ray[data]")
def test_ray_gives_the_answer_of_one_call_though_a_worker_dies(runs: Path, tmp_path: Path) -> None:
    paths = sorted(str(path) for path in runs.rglob("memory_*") if path.suffix in (".json", ".ndjson"))
    run(RAY.format(paths=paths, dying=str(tmp_path / "died"), recipe=recipe("Ray Data")), tmp_path, 300)
