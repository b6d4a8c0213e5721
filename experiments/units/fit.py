"""How many units really run under a kernel limit, beside what `memtool fit` says.

    python fit.py MEMTOOL [--repeats 20]

Records some runs of a unit, asks `fit` for the count at a risk, and runs pools of one less, as many and one more under a
memory control group: with independent start times, each slot starting the unit again and again, and all started together.
Needs root and a memory control group of version 1.
"""

import argparse
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time

from group import Group

HERE = pathlib.Path(__file__).parent
#: Base, peak, its deviation (MiB), seconds, and the share of the time that the peak lasts.
UNITS = {"spiky": (20, 60, 10, 1.5, 0.2), "steady": (60, 10, 2, 1.5, 0.2)}
LIMIT_MB = 800


def unit(name: str) -> list[str]:
    return [sys.executable, "-S", "-E", str(HERE / "worker.py"), *map(str, UNITS[name])]


def record(memtool: str, name: str, folder: pathlib.Path, runs: int) -> None:
    for _ in range(runs):
        command = [memtool, "record", "--quiet", "--interval", "0.02", "--output", str(folder), "--", *unit(name)]
        subprocess.run(command, check=True)


def fitted(memtool: str, name: str, folder: pathlib.Path, risk: float) -> dict:
    command = [memtool, "fit", "--unit", f"{name}={folder}", "--memory-limit", f"{LIMIT_MB}MiB", "--risk", str(risk)]
    output = subprocess.run([*command, "--format", "json"], check=True, capture_output=True, text=True).stdout
    return json.loads(output)["units"][0]


def killed(name: str, count: int, together: bool) -> tuple[bool, float]:
    """Whether a pool of so many was killed within one length of a run."""
    group = Group(LIMIT_MB)
    seconds = UNITS[name][3]
    loop = "sleep $1; shift; end=$1; shift; while [ $(date +%s%N) -lt $end ]; do \"$@\" || exit 1; done"
    end = time.time_ns() + int((0.1 if together else 2 * seconds) * 1e9)
    try:
        slots = [
            group.popen(["sh", "-c", loop, "slot", f"{0 if together else random.uniform(0, seconds):.3f}", str(end), *unit(name)])
            for _ in range(count)
        ]
        for slot in slots:
            slot.wait()
        return group.kills() > 0, group.peak_mb()
    finally:
        group.close()


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("memtool")
    arguments.add_argument("--repeats", type=int, default=20)
    arguments.add_argument("--risk", type=float, default=0.05)
    arguments.add_argument("--runs", type=int, default=20)
    options = arguments.parse_args()
    random.seed(1)
    for name in UNITS:
        with tempfile.TemporaryDirectory() as folder:
            record(options.memtool, name, pathlib.Path(folder), options.runs)
            answer = fitted(options.memtool, name, pathlib.Path(folder), options.risk)
        for starts in ("independent", "together"):
            count = answer["count"][starts]
            said = {point["count"]: point[starts] for point in answer["curve"]}
            for tried in (count - 1, count, count + 1):
                results = [killed(name, tried, starts == "together") for _ in range(options.repeats)]
                share = sum(kill for kill, _ in results) / options.repeats
                peak = max(peak for _, peak in results)
                load = os.getloadavg()[0]
                print(
                    f"{name:7} {starts:12} n {tried:3} said {said.get(tried, 1):.3f} killed {share:.2f} "
                    f"largest charge {peak:.0f} of {LIMIT_MB} MiB, load {load:.1f}",
                    flush=True,
                )


main()
