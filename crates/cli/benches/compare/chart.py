"""A trace of two million samples: its summary, and one chart."""

import shutil

from measure import Table

SAMPLES = 2_000_000


def mprof_file(bench):
    """The same shape in mprof's own format."""
    file = bench.folder / "mprofile.dat"
    if not file.exists():
        with open(file, "w", encoding="ascii") as out:
            out.write("CMDLINE python job.py\n")
            out.writelines(
                f"MEM {220 + 1400 * (i % 300) / 300:.6f} {1767225600 + i / 10:.4f}\n" for i in range(SAMPLES)
            )
    return file


def run(bench):
    stream = bench.stream(SAMPLES)
    copy = bench.folder / "table_of_trace"
    shutil.rmtree(copy, ignore_errors=True)
    bench.cost([bench.memtool, "convert", stream, "-o", copy], repeats=1)
    charts, dat = bench.folder / "charts", mprof_file(bench)
    mprof = [bench.folder / "venv/bin/mprof"]
    table = Table(f"A trace of {SAMPLES:,} samples", "program", "question", "CPU s", "wall s", "peak MiB")

    def row(name, question, cost):
        table.row(name, question, f"{cost.cpu:.2f}", f"{cost.wall:.2f}", f"{cost.peak_mb:.0f}")

    row("memtool analyze, stream", "summary and findings", bench.cost([bench.memtool, "analyze", stream]))
    row("memtool analyze, table", "summary and findings", bench.cost([bench.memtool, "analyze", copy]))
    row("memtool analyze, table, judged again", "summary and findings", bench.cost([bench.memtool, "analyze", copy, "--recompute"]))
    row("mprof peak", "peak alone", bench.cost([*mprof, "peak", dat]))
    row("memtool chart, stream", "chart", bench.cost([bench.memtool, "chart", stream, "-o", charts]))
    row("memtool chart, table", "chart", bench.cost([bench.memtool, "chart", copy, "-o", charts]))
    row("mprof plot", "chart", bench.cost([*mprof, "plot", "--backend", "agg", "-o", charts / "mprof.png", dat]))
    row("matplotlib, table", "chart", bench.peer("with_matplotlib", next(copy.rglob("*.parquet")), charts / "plt.png"))
    return table
