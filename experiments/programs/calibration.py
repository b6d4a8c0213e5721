"""Whether a finding's confidence holds: `python -m programs.calibration FOLDER --memtool FILE`, FOLDER with A and B.

Findings are grouped by kind, rule (what they rest on) and the confidence that was said; each run counts as samples, as a stream, and as recorded
from outside. The estimate is half-way between the share of true findings and the mean of that share over programs, by Laplace's rule,
since runs of one program are right or wrong together. `without one program` is the least and the most of it with each program left
out in turn: what was said is calibrated where it lies within. `on the left out` is how often findings of the programs left out were true, each
program counted once.
"""
import argparse
import sys
from pathlib import Path
from statistics import mean

from programs import published
from programs.judge import INPUTS, LEAKED_MB, Memtool, verdicts

LABELS = {"memory_leak": "leak", "gc_churn": "gc_churn"}


def findings(memtool, runs):
    """[(kind, rule and confidence, program, true)] of all runs as every input."""
    rows = []
    for _, ending, policies in INPUTS:
        for run, profile in verdicts(memtool, [run for run in runs if run.policy in policies], ending):
            rows += [((f["kind"], f["evidence"]["rule"].split(".")[-1], f["confidence"]), run.outcome["workload"], run.labels[LABELS[f["kind"]]])
                     for f in profile["findings"] if f["kind"] in LABELS and _counts(run, f["kind"])]
    return rows


def _counts(run, kind):
    """A leak of a few MiB is neither found nor false."""
    return kind != "memory_leak" or not run.labels["leak"] or run.labels["leaked_mb"] >= LEAKED_MB


def estimate(rows):
    """The share of true findings, half-way between that of the findings and that of their programs by Laplace's rule."""
    programs = by_program(rows)
    return (mean(row[2] for row in rows) + (sum(programs.values()) + 1) / (len(programs) + 2)) / 2


def by_program(rows):
    """{program: share of its findings that are true}."""
    return {name: mean(true for _, program, true in rows if program == name) for name in {row[1] for row in rows}}


def left_out(rows):
    """The least and the most that is estimated without one program; None of a single program."""
    names = {row[1] for row in rows}
    estimates = [estimate([row for row in rows if row[1] != name]) for name in names] if len(names) > 1 else []
    return (min(estimates), max(estimates)) if estimates else None


def table(rows):
    """A Markdown table, a line for each kind and rule."""
    lines = ["| kind | rests on | said | true | programs | estimate | without one program | on the left out |", "|---|---|---|---|---|---|---|---|"]
    for group in sorted({row[0] for row in rows}):
        members = [row for row in rows if row[0] == group]
        kind, rule, said = group
        bounds, programs = left_out(members), by_program(members)
        lines.append(f"| {kind} | {rule} | {said:.2f} | {sum(row[2] for row in members)} of {len(members)} | {len(programs)} | {estimate(members):.2f} | "
                     f"{f'{bounds[0]:.2f} to {bounds[1]:.2f}' if bounds else '-'} | {mean(programs.values()):.2f} |")
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
