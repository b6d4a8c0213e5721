"""Mixed jobs under a kernel limit: `memtool run` against the safe fixed number at once.

    python slots.py MEMTOOL [--jobs 60] [--limit 2048]

Draws some commands (a seed), repeats each, shuffles them, and runs the list three times inside a memory control group: by
`xargs -P` with as many as fit if each took the largest peak, by `memtool run --jobs` that knows nothing, and by the same with
the journal of that run. Needs root and a memory control group of version 1.
"""

import argparse
import json
import os
import pathlib
import random
import shlex
import subprocess
import sys
import tempfile
import time

from group import Group

HERE = pathlib.Path(__file__).parent
#: The interpreter's own memory, in MiB.
INTERPRETER_MB = 9


def draw(kinds: int, jobs: int) -> tuple[list[str], float]:
    """A shuffled list of commands, and the largest peak of any."""
    commands, largest = [], 0.0
    for _ in range(kinds):
        peak = random.choice([40, 80, 120, 200, 300, 500])
        base = random.uniform(0.3, 0.9) * peak
        seconds = random.uniform(1, 4)
        words = [sys.executable, "-S", "-E", str(HERE / "worker.py"), f"{base:.0f}", f"{peak - base:.0f}", "1", f"{seconds:.1f}", "0.3"]
        commands.append(shlex.join(words))
        largest = max(largest, peak + 3 + INTERPRETER_MB)
    repeated = [command for command in commands for _ in range(jobs // kinds)]
    random.shuffle(repeated)
    return repeated, largest


def timed(command: list[str], limit_mb: float) -> tuple[float, int, float, int]:
    """Seconds, kills and the largest charge of a command in its own group, and its exit code."""
    group = Group(limit_mb)
    try:
        began = time.monotonic()
        code = group.popen(command).wait()
        return time.monotonic() - began, group.kills(), group.peak_mb(), code
    finally:
        group.close()


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("memtool")
    arguments.add_argument("--jobs", type=int, default=60)
    arguments.add_argument("--kinds", type=int, default=12)
    arguments.add_argument("--limit", type=float, default=2048)
    arguments.add_argument("--seed", type=int, default=1)
    options = arguments.parse_args()
    random.seed(options.seed)
    commands, largest = draw(options.kinds, options.jobs)
    safe = max(1, int(options.limit / largest))
    with tempfile.TemporaryDirectory() as folder:
        jobs = pathlib.Path(folder) / "jobs.txt"
        jobs.write_text("\n".join(commands) + "\n")
        run = [options.memtool, "run", "--registry", f"{folder}/slots", "--output", f"{folder}/recordings"]
        run += ["--memory-limit", f"{options.limit}MiB", "--jobs", str(jobs)]
        fixed = ["sh", "-c", f"tr '\\n' '\\0' < {jobs} | xargs -0 -P {safe} -I CMD sh -c CMD"]
        for name, command in [(f"xargs -P {safe}", fixed), ("run, nothing known", run), ("run, journal known", run)]:
            seconds, kills, peak, code = timed(command, options.limit)
            load = os.getloadavg()[0]
            print(f"{name:20} {seconds:6.1f} s, kills {kills}, largest charge {peak:.0f} MiB, exit {code}, load {load:.1f}", flush=True)
        events = [json.loads(line) for line in (pathlib.Path(folder) / "slots/journal.ndjson").read_text().splitlines()]
        starts = [event["running"] for event in events if event["event"] == "start"]
        half = len(starts) // 2
        print(f"at once: {max(starts[:half])} and {max(starts[half:])} at most, mean {sum(starts[:half]) / half:.1f} and {sum(starts[half:]) / half:.1f}")


main()
