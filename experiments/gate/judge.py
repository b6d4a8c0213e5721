"""Does `memtool check` catch a peak that is 5 % larger, and leave an unchanged one alone?

    python experiments/gate/judge.py target/release/memtool runs/

Records four small jobs (`jobs.py`), unchanged and 5 % larger; makes a baseline of ten runs; takes from it how many runs a check
needs; and checks twenty sets of each. A job that needs more than five runs a check is judged on sets drawn from a hundred runs, which
share some. Recordings that are there already are used.
"""

import json
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

from jobs import WORSE

BASE, TRIALS, LARGEST = 10, 20, 100


def record(memtool: str, job: str, scale: float, path: Path) -> None:
    if path.exists():
        return
    program = [sys.executable, str(Path(__file__).with_name("jobs.py")), job, str(scale)]
    command = [memtool, "record", "--quiet", "--no-children", "--job", job, "--output", str(path), "--", *program]
    subprocess.run(command, check=True)


def json_of(command: list[str]) -> dict:
    done = subprocess.run([*command, "--format", "json"], capture_output=True, text=True)
    assert done.returncode in (0, 1, 4), done.stderr
    return json.loads(done.stdout)


def needed(memtool: str, baseline: Path, job: str) -> int:
    """Runs of a check that tell 5 %, by the table of `baseline show`."""
    done = subprocess.run([memtool, "baseline", "show", "--baseline", str(baseline)], capture_output=True, text=True)
    rows = [line.split() for line in done.stdout.splitlines() if line.startswith(job)]
    [row] = [row for row in rows if row[2] == "peak"]
    return int(row[-1].split("+")[1])


def numbers(trial: int, runs: int) -> list[int]:
    """The recordings of a trial: a set of its own where there are enough."""
    if runs * TRIALS <= LARGEST:
        return list(range(1 + trial * runs, 1 + (trial + 1) * runs))
    return random.Random(trial).sample(range(1, LARGEST + 1), runs)


def main(memtool: str, folder: Path) -> None:
    for job, worse in WORSE.items():
        base = [folder / "base" / f"{job}.{index}.ndjson" for index in range(1, BASE + 1)]
        for path in base:
            path.parent.mkdir(parents=True, exist_ok=True)
            record(memtool, job, 1.0, path)
        baseline = folder / f"{job}.json"
        subprocess.run([memtool, "baseline", "save", *base, "--baseline", baseline], check=True, stdout=subprocess.DEVNULL)
        runs = needed(memtool, baseline, job)
        for kind, scale in (("same", 1.0), ("worse", worse)):
            verdicts, changes = Counter(), []
            for trial in range(TRIALS):
                paths = [folder / kind / f"{job}.{number}.ndjson" for number in numbers(trial, runs)]
                for path in paths:
                    path.parent.mkdir(parents=True, exist_ok=True)
                    record(memtool, job, scale, path)
                report = json_of([memtool, "check", *map(str, paths), "--baseline", str(baseline)])
                [row] = [row for row in report["rows"] if row["rule"] == "peak_change"]
                verdicts[row["verdict"]] += 1
                changes.append(row["change"]["change"])
            mean = sum(changes) / len(changes)
            print(f"{job:8} {kind:6} {runs} runs a check, mean change {mean:+.2%}: {dict(verdicts)}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
