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
    """Part A, one program of each pattern before the second of any; then one of each in B, the long ones, the rest of B."""
    seen, ranked = {}, []
    for entry in entries:
        key = (entry["pattern"], entry["part"])
        rank = seen[key] = seen.get(key, -1) + 1
        stage = 2 if entry["length"] in draw.WAITS_MORE else 0 if entry["part"] == "A" else 1 if rank == 0 else 3
        ranked.append((stage, rank, entry["seed"], entry))
    return [entry for *_, entry in sorted(ranked, key=lambda item: item[:3])]


def limit(peaks, draw_from):
    """A limit in MiB that some sizes keep to: {size: peak charged} and a random.Random."""
    at = draw_from.choice((1, 2, 2, 3, 3))
    peak = peaks[SIZES[at]]
    over = next((peaks[size] for size in SIZES[at + 1:] if peaks[size] > 1.15 * peak), None)
    return round((peak * over) ** 0.5) if over else round(peak * draw_from.uniform(1.15, 1.6))


class Recording:
    """The runs of one program in a folder; what is there already is not run again."""

    def __init__(self, make_limit, entry, *, folder, memtool, tell):
        self.program = draw.program(entry["seed"])
        self._make_limit, self._memtool, self._tell, self._part = make_limit, memtool, tell, entry["part"]
        self._folder = folder / entry["part"] / self.program.name
        self._chance = random.Random(f"record {entry['seed']}")

    def all(self):
        """Every condition; the limit follows from the runs of fixed sizes, which are made under a wide one."""
        sizes = SIZES if self.program.length not in draw.WAITS_MORE else (500,)
        peaks = {size: self._one(Condition("fixed", size), run.WIDE_MB)["peak_cgroup_mb"] for size in sizes}
        limit_mb = limit(peaks, self._chance) if len(peaks) > 1 else round(peaks[500] * self._chance.uniform(1.2, 2.0))
        repeated = self.program.seed // len(patterns.NAMES) == 1 and self.program.length == "short"
        for repeat in range(1, 4 if repeated else 2):
            self._one(Condition("thresholds", enforced=True), limit_mb, repeat)
            self._one(Condition("plain", 500), limit_mb, repeat)
        if self.program.length not in draw.WAITS_MORE:
            self._one(Condition("predictive", enforced=True), limit_mb)
        killed = [size for size in sizes if peaks[size] > limit_mb * 1.05]
        if killed and self._chance.random() < 0.5:
            self._one(Condition("fixed", killed[0], enforced=True), limit_mb)
            self._one(Condition("plain", killed[0], enforced=True), limit_mb)

    def again(self, limit_mb):
        """A few conditions under the limit of an earlier recording."""
        for size in (250, 1000):
            self._one(Condition("fixed", size), run.WIDE_MB)
        for policy in ("thresholds", "predictive"):
            self._one(Condition(policy, enforced=True), limit_mb)
        self._one(Condition("plain", 500), limit_mb)

    def _one(self, condition, limit_mb, repeat=1):
        done = self._folder / f"{self.program.name}__{condition.name}__r{repeat}.outcome.json"
        if done.exists():
            return json.loads(done.read_text(encoding="utf-8"))
        outcome = run.run(self._make_limit, self.program, condition, repeat=repeat, limit_mb=limit_mb, memtool=self._memtool,
                          folder=self._folder)
        self._tell(f"{self._part} {outcome['run_name']}: peak {outcome['peak_rss_mb']:.0f}, charged {outcome['peak_cgroup_mb']:.0f} of "
                   f"{limit_mb:.0f} MiB, killed {outcome['oom_killed']}, {outcome['wall_s']:.1f} s, cpu {outcome['cpu_s']}")
        return outcome
