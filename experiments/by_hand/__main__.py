"""Records the jobs written by hand: `python -m by_hand OUTPUT --memtool FILE`, with the wheel and `by_hand/requirements.txt` installed."""
import argparse
import random
import sys
from pathlib import Path

from bench import limit
from by_hand import catalog
from programs import record, run
from programs.run import Condition


class Recording(record.Recording):
    """The runs of one job in a folder; what is there already is not run again."""

    def __init__(self, make_limit, name, *, folder, memtool, tell):
        self.program, self._part = catalog.job(name), catalog.parts()[name]
        self._make_limit, self._memtool, self._tell = make_limit, memtool, tell
        self._folder = folder / self._part / name
        self._chance = random.Random(f"by hand {name}")

    def all(self):
        """Every condition; those of a long job are of one fixed size."""
        long = self.program.length == "long"
        sizes = (500,) if long else record.SIZES
        peaks = {size: self._one(Condition("fixed", size), run.WIDE_MB)["peak_cgroup_mb"] for size in sizes}
        limit_mb = record.limit(peaks, self._chance) if len(peaks) > 1 else round(peaks[500] * self._chance.uniform(1.1, 1.6))
        for condition in (Condition("thresholds", enforced=True), Condition("predictive", enforced=True), Condition("plain", 500)):
            self._one(condition, limit_mb)
        killed = [size for size in sizes if peaks[size] > limit_mb * 1.05]
        if not long:
            self._one(Condition("plain", killed[0] if killed else 500, enforced=True), limit_mb)
        if killed and self._chance.random() < 0.5:
            self._one(Condition("fixed", killed[0], enforced=True), limit_mb)


def arguments():
    parser = argparse.ArgumentParser(prog="python -m by_hand", description="Records jobs written by hand with their truth.")
    parser.add_argument("output", type=Path, help="the folder that gets A/JOB and B/JOB; runs that are there are not run again")
    parser.add_argument("--memtool", type=Path, required=True, metavar="FILE", help="the memtool command, for recording from outside")
    parser.add_argument("--only", action="append", choices=catalog.NAMES, metavar="JOB", help="one of them; may be repeated")
    return parser.parse_args()


def main():
    given = arguments()
    try:
        make_limit = limit.find()
    except limit.NoLimit as reason:
        print(f"Skipped: {reason}.\nRecording needs root and a memory control group.", file=sys.stderr)
        return 0
    failed = 0
    for name in given.only or catalog.NAMES:
        recording = Recording(make_limit, name, folder=given.output, memtool=given.memtool.resolve(),
                              tell=lambda line: print(line, flush=True))
        try:
            recording.all()
        except RuntimeError as reason:
            failed += 1
            print(f"{name} is left out: {reason}", file=sys.stderr, flush=True)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
