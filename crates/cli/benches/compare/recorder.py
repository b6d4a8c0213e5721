"""Watching a process ten times a second for ten seconds, from outside; and one look from inside."""

import json
import subprocess

from measure import HERE, Table

SECONDS = 10


def run(bench):
    table = Table("Recorder", "program", "question", "cost")
    stream = bench.folder / "watched.ndjson"
    stream.unlink(missing_ok=True)
    own = bench.cost(
        [bench.memtool, "record", "--quiet", "--interval", "0.1", "--output", stream, "--", "sleep", SECONDS], repeats=1
    )
    theirs = bench.cost(
        [bench.folder / "venv/bin/psrecord", "--interval", "0.1", "--log", bench.folder / "psrecord.txt",
         f"sleep {SECONDS}"], repeats=1
    )
    table.row("memtool record", f"CPU s in {SECONDS} s at 10 Hz", f"{own.cpu:.3f}")
    table.row("psrecord", f"CPU s in {SECONDS} s at 10 Hz", f"{theirs.cpu:.3f}")
    table.row("memtool record", "peak MiB", f"{own.peak_mb:.0f}")
    table.row("psrecord", "peak MiB", f"{theirs.peak_mb:.0f}")
    look = subprocess.run([bench.python, HERE / "peers/with_psutil.py"], capture_output=True, text=True, check=True)
    table.row("psutil", "µs per sample", f"{json.loads(look.stdout)['microseconds']:.1f}")
    table.note("The cost of a sample from within is printed by `cargo bench -p memtool-recorder`.")
    return table
