"""Runs memtool and its peers on the same files in the same run, and says how they compare.

    python3 bench.py --memtool target/release/memtool [--profiles 1000] [--only ingest]

Inputs are made from a seed and kept, peers come from PyPI into an environment of their own; both
stand below target/bench. Results are printed and appended to docs/benchmarks.md. A section is a
module with a function `run(bench)` that returns a `Table`: a further one is a file beside these
and a line in SECTIONS.
"""

import argparse
import datetime
import pathlib
import platform
import subprocess
import sys
import venv

import beside
import chart
import foreign
import growth
import ingest
import long_profile
import recorder
import replay
from measure import Bench

SECTIONS = {"ingest": ingest, "long_profile": long_profile, "chart": chart, "replay": replay, "recorder": recorder, "growth": growth, "foreign": foreign, "beside": beside}
PEERS = [
    "orjson", "pandas", "duckdb", "polars", "pyarrow", "numpy", "numba", "matplotlib", "memory_profiler", "psutil",
    "psrecord", "setuptools<81",
]
# What runs without peers.
ALONE = {"growth", "beside", "long_profile"}
ROOT = pathlib.Path(__file__).resolve().parents[4]


def environment(folder):
    python = folder / "venv/bin/python"
    if not python.exists():
        venv.create(folder / "venv", with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PEERS], check=True)
    return python


def heading(bench):
    cpu = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    version = subprocess.run([bench.memtool, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    return f"## {now}\n\n{version}, {platform.system()}, {cpu}, {len(bench.processors())} processors, load {bench.load()}\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--memtool", type=pathlib.Path, default=ROOT / "target/release/memtool")
    parser.add_argument("--folder", type=pathlib.Path, default=ROOT / "target/bench")
    parser.add_argument("--results", type=pathlib.Path, default=ROOT / "docs/benchmarks.md")
    parser.add_argument("--profiles", type=int, default=1000, help="of 10,000 samples each; 1,000 are 2.8 GB")
    parser.add_argument("--peer-profiles", type=int, default=100, help="what peers read of them, to be scaled up")
    parser.add_argument("--largest", type=int, default=7, help="growth is measured up to this power of ten of samples; 8 takes 10 GB")
    parser.add_argument("--most-files", type=int, default=5, help="and of files")
    parser.add_argument("--beside", type=pathlib.Path, help="an earlier build, to be run in turn with this one")
    parser.add_argument("--repeats", type=int, default=3, help="runs of each command; the least CPU counts")
    parser.add_argument("--only", choices=SECTIONS, action="append")
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    if "beside" in (args.only or []) and not args.beside:
        parser.error("--only beside needs --beside BUILD")
    sections = args.only or [name for name in SECTIONS if name != "beside" or args.beside]
    python = sys.executable if ALONE.issuperset(sections) else environment(args.folder)
    bench = Bench(args, python, ROOT)
    text = heading(bench)
    print(text)
    for name in sections:
        table = SECTIONS[name].run(bench).markdown()
        print(table)
        text += f"\n{table}"
    with open(args.results, "a", encoding="utf-8") as out:
        out.write(f"\n{text}")
    print(f"appended to {args.results}", file=sys.stderr)


if __name__ == "__main__":
    main()
