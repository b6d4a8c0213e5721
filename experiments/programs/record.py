"""Which runs of which programs are recorded, in which order."""
import json
import random

from programs import draw, patterns, run, split
from programs.run import Condition

SIZES = (125, 250, 500, 1000)


def manifest(count):
    """The first programs with their parts: {"programs": [...]}."""
    drawn = [draw.program(seed) for seed in range(count)]
    parts = split.split(drawn)
    return [{"name": p.name, "seed": p.seed, "part": parts[p.name], "hash": p.digest, "pattern": p.pattern, "addition": p.addition,
             "memory": p.memory, "length": p.length} for p in drawn]


def order(entries):
    """Part A first, one program of each pattern before the second of any; the long ones last."""
    seen, ranked = {}, []
    for entry in entries:
        key = (entry["pattern"], entry["part"])
        seen[key] = seen.get(key, -1) + 1
        ranked.append((entry["length"] == "long", entry["part"], seen[key], entry["seed"], entry))
    return [entry for *_, entry in sorted(ranked, key=lambda item: item[:4])]


def limit(peaks, draw_from):
    """A limit in MiB that some sizes keep to: {size: peak charged} and a random.Random."""
    at = draw_from.choice((1, 2, 2, 3, 3))
    peak = peaks[SIZES[at]]
    over = next((peaks[size] for size in SIZES[at + 1:] if peaks[size] > 1.15 * peak), None)
    return round((peak * over) ** 0.5) if over else round(peak * draw_from.uniform(1.15, 1.6))


def record(make_limit, entry, *, folder, memtool, tell):
    """All runs of one program into `folder`; what is there already is not run again."""
    program, chance = draw.program(entry["seed"]), random.Random(f"record {entry['seed']}")
    folder = folder / entry["part"] / program.name

    def one(condition, limit_mb, repeat=1):
        done = folder / f"{program.name}__{condition.name}__r{repeat}.outcome.json"
        if done.exists():
            return json.loads(done.read_text(encoding="utf-8"))
        outcome = run.run(make_limit, program, condition, repeat=repeat, limit_mb=limit_mb, memtool=memtool, folder=folder)
        tell(f"{entry['part']} {outcome['run_name']}: peak {outcome['peak_rss_mb']:.0f}, charged {outcome['peak_cgroup_mb']:.0f} of "
             f"{limit_mb:.0f} MiB, killed {outcome['oom_killed']}, {outcome['wall_s']:.1f} s, cpu {outcome['cpu_s']}")
        return outcome

    # What is recorded before the limit is known is recorded under a wide one.
    sizes = SIZES if program.length != "long" else (500,)
    fixed = {size: one(Condition("fixed", size), run.WIDE_MB) for size in sizes}
    peaks = {size: outcome["peak_cgroup_mb"] for size, outcome in fixed.items()}
    limit_mb = limit(peaks, chance) if len(peaks) > 1 else round(peaks[500] * chance.uniform(1.2, 2.0))
    again = range(1, 4) if program.seed // len(patterns.NAMES) == 1 and program.length == "short" else range(1, 2)
    for repeat in again:
        one(Condition("thresholds", enforced=True), limit_mb, repeat)
        one(Condition("plain", 500), limit_mb, repeat)
    if program.length != "long":
        one(Condition("predictive", enforced=True), limit_mb)
    killed = [size for size in sizes if peaks[size] > limit_mb * 1.05]
    if killed and chance.random() < 0.5:
        one(Condition("fixed", killed[0], enforced=True), limit_mb)
        one(Condition("plain", killed[0], enforced=True), limit_mb)
    return limit_mb
