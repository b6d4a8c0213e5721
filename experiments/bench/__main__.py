"""Runs the whole experiment: `experiments/run` is the way to start it."""
import argparse
import importlib.metadata
import os
import subprocess
import sys
from pathlib import Path

from bench import charts, limit, plan, report, summary

WORKLOADS = ("claims_duckdb", "parquet_etl", "monte_carlo", "json_documents", "order_book", "leak_handlers",
             "curve_cache", "billing_phases", "child_process", "model_scoring", "growing_histories")
HOME = Path(__file__).parent.parent


def arguments():
    parser = argparse.ArgumentParser(prog="experiments/run", description="Batch sizes under a kernel memory limit: fixed, "
                                     "by thresholds, tuned, predicted. Rows that are there already are not run again.")
    parser.add_argument("--workload", action="append", choices=sorted(p.stem for p in HOME.glob("workloads/[a-z]*.py")),
                        help="one of the workloads; may be repeated (default: those of the published table)")
    parser.add_argument("--output", type=Path, default=HOME / "results", metavar="FOLDER", help="where rows, page and charts go")
    parser.add_argument("--repeats", type=int, default=3, metavar="N", help="runs of each policy (default: 3)")
    parser.add_argument("--sweep-repeats", type=int, default=2, metavar="N", help="runs of the other fixed sizes (default: 2)")
    parser.add_argument("--core", type=int, metavar="N", help="the processor that runs are pinned to (default: the last)")
    parser.add_argument("--nice", type=int, default=0, metavar="N", help="change of priority; below 0 needs root (default: 0)")
    parser.add_argument("--memtool", type=Path, default=Path("memtool"), metavar="FILE", help="the memtool command")
    parser.add_argument("--report-only", action="store_true", help="page and charts anew from the rows, no runs")
    return parser.parse_args()


def versions():
    names = ("memtool", "duckdb", "pandas", "pyarrow", "numpy")
    return ", ".join(f"{name} {importlib.metadata.version(name)}" for name in names)


def main():
    given = arguments()
    given.output = given.output.resolve()
    given.output.mkdir(parents=True, exist_ok=True)
    names = tuple(given.workload or WORKLOADS)
    if given.report_only:
        rows = plan.Rows(given.output / "runs.csv").rows
    else:
        try:
            make_limit = limit.find()
        except limit.NoLimit as reason:
            print(f"Skipped: {reason}.\nThe experiment needs root and a memory control group.", file=sys.stderr)
            return 0
        if given.nice:
            os.nice(given.nice)
        core = given.core if given.core is not None else max(os.sched_getaffinity(0))
        rows = plan.run_all(make_limit, names, output=given.output, memtool=given.memtool, core=core,
                            repeats=given.repeats, sweep_repeats=given.sweep_repeats, tell=lambda line: print(line, flush=True))
    found = summary.outcomes(rows)
    page = report.markdown(found, versions(), max(int(row["repeat"]) for row in rows))
    (given.output / "README.md").write_text(page, encoding="utf-8")
    charts.peak_and_pace(found, given.output / "peak_and_pace.png")
    charts.summary(found, given.output / "summary.png")
    print(f"Written: {given.output / 'README.md'}, charts and runs.csv beside it.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
