"""Replaying a trace under other configs, closed loop: the next batch's size follows from memory, memory from the size."""

import json
import math
import subprocess
import sys

from measure import HERE, Table

SAMPLES = 20_000
CONFIGS = 200
DRAWS = 200
# Batches of 1,000 and 500 items in turn, 20 items a second, over a floor that wanders.
SIZES = (1000, 500)
ITEMS_PER_SECOND = 20
NEED_MB = 1.5
CELL = 250
# How far two programs may differ: memtool draws what is unknown of the trace anew for each replay.
TOLERANCE = 0.05


def floor_mb(item):
    return 1000.0 + 500.0 * math.sin(item / 750.0 / 37.0)


def batches():
    begin, item, place = 0, 0, 0
    while begin < SAMPLES:
        size = SIZES[place % 2]
        yield begin, item, size
        begin, item, place = begin + size // ITEMS_PER_SECOND, item + size, place + 1


def write_stream(file):
    with open(file, "w", encoding="ascii") as out:

        def line(kind, second, **fields):
            out.write(json.dumps({"type": kind, "t_ns": second * 1_000_000_000, **fields}) + "\n")

        out.write('{"type":"header","version":1,"run_id":"replay","started":"2026-01-01T00:00:00Z",'
                  '"host":{},"process":{"pid":1,"job":"replay"},"config":{"monitoring_interval_seconds":1.0}}\n')
        for number, (begin, item, size) in enumerate(batches(), 1):
            seconds, floor, need = size // ITEMS_PER_SECOND, floor_mb(item), NEED_MB * size
            line("batch_start", begin, batch=number, batch_size=size, items=size, rss_mb=round(floor, 3))
            for step in range(seconds):
                line("snapshot", begin + step, rss_mb=round(floor + need * step / seconds, 3), batch_size=size)
            line("batch_end", begin + seconds, batch=number, peak_rss_mb=round(floor + need, 3),
                 peak_source="high_water_mark", rss_mb=round(floor, 3))
        line("footer", begin + seconds, counters={})
    return item + size


def configs():
    for index in range(CONFIGS):
        limit = 1900.0 + 4500.0 * index / CONFIGS
        yield {
            "thresholds": [0.5 * limit, 0.75 * limit, 0.9 * limit, 0.8 * limit],
            "sizes": [100, 250, 500 + index, 900 + index],
        }


def write_config(file, config):
    moderate, high, critical, fallback_trigger = config["thresholds"]
    fallback, low, medium, top = config["sizes"]
    file.write_text(
        "adaptive_memory:\n  auto_gc_enabled: false\n  monitoring_interval_seconds: 1.0\n  thresholds:\n"
        f"    moderate_mb: {moderate}\n    high_mb: {high}\n    critical_mb: {critical}\n"
        f"    gc_trigger_mb: {high}\n    fallback_trigger_mb: {fallback_trigger}\n  batch_sizes:\n"
        f"    low: {low}\n    medium: {medium}\n    high: {top}\n    fallback: {fallback}\n",
        encoding="ascii",
    )
    return file


def run(bench):
    stream, problem = bench.folder / "memory_stream_replay.ndjson", bench.folder / "replay.json"
    folder = bench.folder / "replay_configs"
    folder.mkdir(exist_ok=True)
    items, tried = write_stream(stream), list(configs())
    files = [write_config(folder / f"{index}.yaml", config) for index, config in enumerate(tried)]
    problem.write_text(json.dumps({
        "held": [floor_mb(item) for item in range(0, items, CELL)], "cell": CELL, "items": items, "need": NEED_MB,
        "items_per_second": ITEMS_PER_SECOND, "configs": tried,
    }))
    command = [bench.memtool, "simulate", stream, "--format", "json"]
    ours = [word for file in files for word in ("--config", file)]
    own = bench.cost([*command, *ours]).cpu - bench.cost([*command, *ours[:2]]).cpu
    told = subprocess.run([*command, *ours], capture_output=True, text=True, check=True).stdout
    predictions = json.loads(told)["predictions"]
    changes = sum(one["level_changes"] for one in predictions) / CONFIGS
    peak = sum(one["peak_rss_mb"]["median"] for one in predictions) / CONFIGS
    table = Table(
        f"Replay: {SAMPLES:,} samples under {CONFIGS} configs, a level change {changes:.0f} times on average",
        "program", "ns per sample and config, one thread", "times memtool's", "level changes", "mean peak, MiB",
    )
    ours_ns = 1e9 * own / (SAMPLES * (CONFIGS - 1) * DRAWS)
    table.row(f"memtool simulate, {DRAWS} draws each", f"{ours_ns:.2f}", "1", f"{changes:.0f}", f"{peak:.0f}")
    for name in ("numba", "numpy"):
        shown = subprocess.run([bench.python, HERE / "peers/with_replay.py", name, problem],
                               capture_output=True, text=True, check=True)
        theirs = json.loads(shown.stdout)
        for what, one, other in (("level changes", changes, theirs["changes"]), ("peaks", peak, theirs["peak"])):
            if abs(one - other) > TOLERANCE * other:
                sys.exit(f"replay: {what} differ, memtool {one:.1f}, {name} {other:.1f}: not the same question")
        ns = 1e9 * theirs["seconds"] / (SAMPLES * CONFIGS)
        table.row(name, f"{ns:.1f}", f"{ns / ours_ns:.0f}", f"{theirs['changes']:.0f}", f"{theirs['peak']:.0f}")
    table.note("CPU time; memtool's is that of all configs less that of one, which reads the trace and fits it as well. "
               "Peers replay one trace as it is, compiled before the clock starts.")
    return table
