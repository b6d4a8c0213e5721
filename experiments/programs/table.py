"""Recorded programs as CSV, a row a run: `python -m programs.table FOLDER > runs.csv`, FOLDER with A and B."""
import csv
import sys
from pathlib import Path

from programs import published

OUTCOME = ("workload", "config", "rep", "limit_mb", "limit_enforced", "completed", "oom_killed", "peak_rss_mb", "peak_cgroup_mb", "wall_s",
           "cpu_s", "items_done", "batches", "samples", "memory", "addition", "length")
LABELS = ("pattern", "leak", "leaked_mb", "kept_mb", "outside_peak_mb", "gc_churn", "sustained_high", "flapping")


def rows(folder):
    """A list for each run, in the order of part, program and run."""
    for part in sorted(path.name for path in folder.iterdir() if path.is_dir()):
        for program in published.read(folder / part):
            for run in program.runs:
                yield [part, *(run.outcome[name] for name in OUTCOME), *(run.labels[name] for name in LABELS)]


def main():
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(["part", *OUTCOME, *LABELS])
    writer.writerows(rows(Path(sys.argv[1])))


if __name__ == "__main__":
    main()
