"""What engines add to one call: CPU seconds of the same runs judged by one call, by Dask, Spark and Ray.

    python crates/python/benches/engines.py FILES    # copies of the repository's runs, 5,000 unless given

Needs dask[distributed], ray[data], and pyspark with Java; two processes of one thread each, as many as the one call has threads. CPU is that of all processes that
take part, from their start to their end.
"""

from __future__ import annotations

import ctypes
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RUNS = Path(__file__).resolve().parents[3] / "fixtures/runs"
PR_SET_CHILD_SUBREAPER = 36

START = """
import glob, os, sys
import memtool, pyarrow
folder = sys.argv[1]
paths = sorted(glob.glob(folder + "/*"))
"""

PROGRAMS = {
    "one call": START + """
summary = pyarrow.table(memtool.summary(memtool.analyze(paths, threads=2)))
""",
    "Dask, two workers": START + """
import dask.bag
from dask.distributed import Client, LocalCluster

def judge(paths):
    return [pyarrow.table(memtool.summary(memtool.analyze(paths, threads=1)))]

def both(a, b):
    return pyarrow.table(memtool.merge(a, b))

if __name__ == "__main__":
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster):
        summary = dask.bag.from_sequence(paths, npartitions=16).map_partitions(judge).fold(both).compute()
""",
    "Spark, two executors": START + """
from pyspark.sql import SparkSession
from pyspark.sql.pandas.types import from_arrow_schema

def judge(batches):
    for batch in batches:
        yield from pyarrow.table(memtool.analyze(batch, threads=1)).to_batches()

spark = SparkSession.builder.master("local-cluster[2,1,1024]").config("spark.ui.enabled", "false").getOrCreate()
files = spark.read.format("binaryFile").load(folder).select("path", "content")
rows = files.mapInArrow(judge, from_arrow_schema(pyarrow.table(memtool.analyze([])).schema))
summary = pyarrow.table(memtool.summary(rows.toArrow()))
spark.stop()
""",
}
PROGRAMS["Ray Data, two workers"] = START + """
import ray

def judge(batch):
    return pyarrow.table(memtool.analyze(batch, threads=1))

ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
files = ray.data.read_binary_files(paths, include_paths=True)
rows = files.map_batches(judge, batch_format="pyarrow")
summary = pyarrow.table(memtool.summary(pyarrow.concat_tables(ray.get(rows.to_arrow_refs()))))
ray.shutdown()
"""
PRINT = """
if __name__ == "__main__":
    print(summary.num_rows, sum(summary["runs"].to_pylist()), sum(summary["samples"].to_pylist()))
"""


def fill(folder: Path, files: int) -> None:
    runs = sorted(path for path in RUNS.rglob("memory_*") if path.suffix in (".json", ".ndjson"))
    for number in range(files):
        run = runs[number % len(runs)]
        shutil.copy(run, folder / f"{run.stem}_{number}{run.suffix}")


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measured(program: str, folder: Path, place: Path) -> tuple[str, float, float]:
    script = place / "program.py"
    script.write_text(program + PRINT)
    pyspark = Path(sys.prefix) / f"lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages/pyspark"
    engine = {"PYSPARK_PYTHON": sys.executable, "SPARK_HOME": str(pyspark), "SPARK_LOCAL_IP": "127.0.0.1"}
    before, began = cpu(), time.monotonic()
    done = subprocess.run(
        [sys.executable, script, folder], cwd=place, env={**os.environ, **engine}, capture_output=True, text=True
    )
    took = time.monotonic() - began
    while True:
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            break
    if done.returncode:
        sys.exit(done.stderr)
    return done.stdout.strip(), cpu() - before, took


def main() -> None:
    # What an engine leaves behind becomes a child of this process, so that its time is counted.
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "runs"
        folder.mkdir()
        fill(folder, int(sys.argv[1]) if len(sys.argv) > 1 else 5_000)
        print("| by | jobs, runs, samples | CPU s | wall s |\n|---|---|---|---|")
        for name, program in PROGRAMS.items():
            found, seconds, took = measured(program, folder, Path(place))
            print(f"| {name} | {found} | {seconds:.1f} | {took:.1f} |", flush=True)


if __name__ == "__main__":
    main()
