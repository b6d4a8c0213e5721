"""Whether a finding's confidence holds: `python -m programs.calibration FOLDER --memtool FILE`, FOLDER with A and B.

Findings are grouped by kind and rule (what they rest on), each run counted as samples, as a stream, and as recorded from outside. For every
program the share of true findings is estimated from the other programs alone, half-way between the share of their findings and the
mean of that share over programs, since runs of one program are right or wrong together. What was said is calibrated where
it is near that estimate; `left out` is how far the estimate moves with the program that is left out.
"""
import argparse
import sys
from pathlib import Path
from statistics import mean

from programs import published
from programs.judge import INPUTS, LEAKED_MB, Memtool, verdicts

LABELS = {"memory_leak": "leak", "gc_churn": "gc_churn"}


def findings(memtool, runs):
    """[(kind and rule, program, said, true)] of all runs as every input."""
    rows = []
    for _, ending, policies in INPUTS:
        for run, profile in verdicts(memtool, [run for run in runs if run.policy in policies], ending):
            rows += [(f"{f['kind']}: {f['evidence']['rule'].split('.')[-1]}", run.outcome["workload"], f["confidence"], run.labels[LABELS[f["kind"]]])
                     for f in profile["findings"] if f["kind"] in LABELS and _counts(run, f["kind"])]
    return rows


def _counts(run, kind):
    """A leak of a few MiB is neither found nor false."""
    return kind != "memory_leak" or not run.labels["leak"] or run.labels["leaked_mb"] >= LEAKED_MB


def estimate(rows):
    """The share of true findings, half-way between that of the findings and that of their programs."""
    programs = {name: [true for _, program, _, true in rows if program == name] for name in {row[1] for row in rows}}
    return (mean(row[3] for row in rows) + mean(mean(values) for values in programs.values())) / 2


def left_out(rows):
    """The least and the most that is estimated without one program; None of a single program."""
    names = {row[1] for row in rows}
    estimates = [estimate([row for row in rows if row[1] != name]) for name in names] if len(names) > 1 else []
    return (min(estimates), max(estimates)) if estimates else None


def table(rows):
    """A Markdown table, a line for each kind and rule."""
    lines = ["| finding: rests on | said | findings | true | programs | estimate | left out |", "|---|---|---|---|---|---|---|"]
    for group in sorted({row[0] for row in rows}):
        members = [row for row in rows if row[0] == group]
        bounds = left_out(members)
        lines.append(f"| {group} | {mean(row[2] for row in members):.2f} | {len(members)} | {sum(row[3] for row in members)} | "
                     f"{len({row[1] for row in members})} | {estimate(members):.2f} | {f'{bounds[0]:.2f} to {bounds[1]:.2f}' if bounds else '-'} |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(prog="python -m programs.calibration", description="Whether a finding's confidence holds.")
    parser.add_argument("folder", type=Path, help="the folder that holds the parts")
    parser.add_argument("--memtool", type=Path, required=True, metavar="FILE", help="the memtool command")
    parser.add_argument("--part", action="append", metavar="NAME", help="a part, a folder in it; may be repeated (default: A)")
    given = parser.parse_args()
    memtool = Memtool(given.memtool.resolve())
    for part in given.part or ("A",):
        runs = [run for program in published.read(given.folder / part) for run in program.runs]
        print(f"{part}\n\n{table(findings(memtool, runs))}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
