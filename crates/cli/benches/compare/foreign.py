"""Files of other tools beside what reads them today: `mprof peak`, Python's re on a GC log, Python's json on an answer."""

from measure import Table

LINES = 1_000_000


def run(bench):
    table = Table(f"Files of other tools, {LINES:,} lines or samples", "file", "program", "CPU s", "peak MiB", "times memtool's CPU")
    one = {"RAYON_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1"}

    def pair(kind, ending, program, command):
        file = bench.folder / f"foreign_{kind}.{ending}"
        if not file.exists():
            bench.make("make_foreign.py", kind, file, LINES)
        own = bench.cost([bench.memtool, "analyze", file], one)
        other = command(file)
        table.row(file.name, "memtool analyze", f"{own.cpu:.2f}", f"{own.peak_mb:.0f}", 1)
        table.row(file.name, program, f"{other.cpu:.2f}", f"{other.peak_mb:.0f}", f"{other.cpu / own.cpu:.1f}")

    mprof = bench.python.parent / "mprof"
    pair("mprof", "dat", "mprof peak", lambda file: bench.cost([mprof, "peak", file]))
    pair("gc", "log", "Python, re", lambda file: bench.peer("with_re", file))
    pair("gc-all", "log", "Python, re", lambda file: bench.peer("with_re", file))
    pair("answer", "json", "Python, json", lambda file: bench.peer("with_answer", file))
    table.note("memtool's detectors and report are included; the peers read the file and print its peak, nothing else.")
    return table
