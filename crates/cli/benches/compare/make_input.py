"""Makes memory profiles as the existing manager writes them (json.dump, indent 2), from a seed.

    python make_input.py FOLDER --profiles 1000 --samples 10000 [--seed 7]

Each is a batch job: memory climbs and falls with every batch, between years it does something
else, above the trigger a collection follows at once as a `post_gc` snapshot, spacing is uneven.
"""

import argparse
import datetime
import json
import pathlib
import random

MODERATE, HIGH, CRITICAL, TRIGGER = 2000.0, 3000.0, 3500.0, 2500.0
SIZES = {"low": 250, "medium": 500, "high": 1000, "fallback": 100}
ROW = """\
    {{
      "timestamp": "{time}",
      "rss_mb": {rss},
      "vms_mb": {vms},
      "percent": {percent},
      "available_mb": {available},
      "pressure_level": "{level}",
      "gc_collections": {collections},
      "batch_size": {size},
      "operation": {operation}
    }}"""


def level(rss, available):
    if rss >= CRITICAL or available < 500:
        return "critical"
    if rss >= HIGH or available < 1000:
        return "high"
    if rss >= MODERATE or available < 2000:
        return "moderate"
    return "low"


def rows(rng, samples, started):
    """The history of one run."""
    base = rng.uniform(120, 400)
    height = rng.uniform(300, 3200)
    kept = rng.choice([0.0, 0.0, 0.0, 2.0 / 600])  # one in four keeps 2 MiB a minute at 10 Hz
    length = rng.randint(60, 400)
    total = 16_000.0
    at, collections, year = started, rng.randint(80, 400), 2025
    size, made = SIZES["medium"], 0
    while made < samples:
        batch = made % length
        share = batch / length
        rss = base + kept * made + height * (share if share < 0.8 else 0.0) * (size / 1000 + 0.4)
        rss = round(rss * rng.uniform(0.985, 1.015), 2)
        available = round(max(total - rss - 3000 + rng.uniform(-40, 40), 50.0), 2)
        label = "null"
        if made % 2500 == 0:
            label, year = f'"year_{year}_start"', year + 1
        pressure = level(rss, available)
        yield dict(
            time=at.isoformat(), rss=rss, vms=round(rss * 1.6 + 310, 2),
            percent=round(100 * (1 - available / total), 1), available=available, level=pressure,
            collections=collections, size=size, operation=label,
        )
        made += 1
        at += datetime.timedelta(microseconds=rng.randint(90_000, 112_000))
        if rss >= TRIGGER and made < samples:
            collections += 3
            freed = round(rss * rng.uniform(0.93, 1.0), 2)
            yield dict(
                time=at.isoformat(), rss=freed, vms=round(freed * 1.6 + 310, 2),
                percent=round(100 * (1 - available / total), 1), available=available,
                level=level(freed, available), collections=collections, size=size,
                operation='"post_gc"',
            )
            made += 1
            at += datetime.timedelta(microseconds=rng.randint(8_000, 12_000))
        size = {"critical": 100, "high": 250, "moderate": 500, "low": 1000}[pressure]


def write(path, seed, samples):
    rng = random.Random(seed)
    started = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
    started += datetime.timedelta(hours=seed % 5000, microseconds=rng.randint(1, 999_999))
    config = {
        "thresholds_mb": {"moderate": MODERATE, "high": HIGH, "critical": CRITICAL},
        "batch_sizes": SIZES,
        "monitoring_interval_seconds": 0.1,
        "history_size": max(samples, 100),
    }
    stats = {
        "total_gc_collections": 0, "automatic_fallbacks": 0, "batch_size_adjustments": 3,
        "memory_warnings": 0, "critical_events": 0,
    }
    head = {"metadata": {"export_time": started.isoformat(), "config": config},
            "statistics": {"stats": stats, "recommendations_count": 0, "monitoring_active": False}}
    with open(path, "w", encoding="ascii") as out:
        out.write(json.dumps(head, indent=2)[:-2] + ',\n  "history": [\n')
        first = True
        for row in rows(rng, samples, started):
            out.write(("" if first else ",\n") + ROW.format(**row))
            first = False
        out.write('\n  ],\n  "recommendations": []\n}')


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--profiles", type=int, default=100)
    parser.add_argument("--samples", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    for number in range(args.profiles):
        name = f"memory_profile_20260101_{number:06}.json"
        write(args.folder / name, args.seed + number, args.samples)


if __name__ == "__main__":
    main()
