"""This build and an earlier one, the same commands on the same files in turn."""

import shutil
import statistics

from measure import Table, run_once

SAMPLES = 2_000_000
PROFILES = 60
OF_PROFILES, OF_TABLES = f"analyze, {PROFILES} profiles of 10,000 samples", "analyze, their tables judged again"


def commands(bench, memtool, folder):
    """What is compared: a name, and the command of one build. Each build reads tables that it wrote itself."""
    stream, profiles, tables = bench.stream(SAMPLES), bench.profiles(PROFILES), folder / "tables"
    shutil.rmtree(tables, ignore_errors=True)
    run_once([memtool, "convert", profiles, "-o", tables])
    runs = bench.root / "fixtures/runs/workforce"
    return {
        f"analyze, a stream of {SAMPLES:,} samples": [memtool, "analyze", stream],
        "chart of it": [memtool, "chart", stream, "-o", folder / "charts"],
        OF_PROFILES: [memtool, "analyze", profiles],
        OF_TABLES: [memtool, "analyze", tables, "--recompute"],
        "tune, eight runs for three machines": [memtool, "tune", runs],
    }


def run(bench):
    folders = [bench.folder / name for name in ("beside_this", "beside_earlier")]
    for folder in folders:
        folder.mkdir(exist_ok=True)
    this, earlier = (commands(bench, *pair) for pair in zip((bench.memtool, bench.args.beside), folders))
    table = Table(
        "This build beside an earlier one", "command", "CPU s", "earlier, CPU s", "times less CPU", "peak MiB", "earlier, peak MiB"
    )
    medians = {}
    for name in this:
        # The first pair warms the cache.
        pairs = [(run_once(this[name], answers=(0, 4)), run_once(earlier[name], answers=(0, 4))) for _ in range(bench.args.repeats + 1)][1:]
        new, old = (statistics.median(cost.cpu for cost in costs) for costs in zip(*pairs))
        medians[name] = new
        ratio = statistics.median(old.cpu / new.cpu for new, old in pairs)
        peaks = [max(cost.peak_mb for cost in costs) for costs in zip(*pairs)]
        table.row(name, f"{new:.2f}", f"{old:.2f}", f"{ratio:.1f}", *(f"{peak:.0f}" for peak in peaks))
    table.note(f"Medians of {bench.args.repeats} runs in turn; the ratio is taken pair by pair.")
    peer = bench.peer("with_json", bench.profiles(PROFILES)).cpu
    times = ", ".join(f"{name}, {peer / medians[name]:.1f}" for name in (OF_PROFILES, OF_TABLES))
    table.note(f"Times less CPU than Python's json + statistics, which take {peer:.2f} s for the same profiles: {times}.")
    return table
