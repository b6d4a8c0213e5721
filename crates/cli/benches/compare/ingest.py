"""Profiles of 10,000 samples: samples, peak, mean, 95th percentile and time at each level of each."""

import shutil

from measure import Table

PEERS = {
    "json + statistics": "with_json", "orjson + statistics": "with_orjson", "pandas": "with_pandas", "DuckDB": "with_duckdb",
    "polars": "with_polars",
}


def run(bench):
    count, few = bench.args.profiles, min(bench.args.peer_profiles, bench.args.profiles)
    table = Table(
        f"Ingest and summary, {count:,} profiles of 10,000 samples",
        "program", "CPU s", "wall s", "peak MiB", "times memtool's CPU", "times memtool's wall",
    )
    own = bench.cost([bench.memtool, "analyze", bench.profiles(count)])

    def row(name, cost, scale):
        cpu, wall = cost.cpu * scale, cost.wall * scale
        table.row(
            name, f"{cpu:.2f}", f"{wall:.2f}", f"{cost.peak_mb:.0f}", f"{cpu / own.cpu:.1f}", f"{wall / own.wall:.1f}"
        )

    row("memtool analyze, JSON", own, 1)
    copies = bench.folder / f"tables_{count}"
    shutil.rmtree(copies, ignore_errors=True)
    row("memtool convert", bench.cost([bench.memtool, "convert", bench.profiles(count), "-o", copies], repeats=1), 1)
    row("memtool analyze, tables, judged again", bench.cost([bench.memtool, "analyze", copies, "--recompute"]), 1)
    row("memtool analyze, tables", bench.cost([bench.memtool, "analyze", copies]), 1)
    for name, script in PEERS.items():
        row(name, bench.peer(script, bench.profiles(few)), count / few)
    packed = sum(file.stat().st_size for file in copies.rglob("*.parquet"))
    plain = sum(file.stat().st_size for file in bench.profiles(count).iterdir())
    table.note(
        f"memtool's detectors are included. Peers read {few} of the profiles, on one thread; their times are multiplied "
        f"by {count / few:.0f}. Tables: {packed / 2**20:.0f} MiB of {plain / 2**20:.0f}."
    )
    return table
