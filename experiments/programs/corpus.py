"""A run's stream and truth in the layout of a corpus: profile, samples, events and outcome of the same name."""
import json
from datetime import datetime, timedelta, timezone

LEVELS = ("fallback", "low", "medium", "high")
NANO = 1e9
EXPORTED = ("timestamp", "rss_mb", "vms_mb", "percent", "available_mb", "pressure_level", "gc_collections", "batch_size", "operation")


def lines(path):
    """The objects of a file of JSON lines; what a killed writer left torn is no object."""
    found = []
    if path.exists():
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                found.append(json.loads(line))
            except ValueError:
                continue
    return found


class Recorded:
    """A stream, as lists of what a corpus holds."""

    def __init__(self, path):
        records = lines(path)
        self.header = records[0]
        self.config = self.header["config"]
        self.snapshots = [r for r in records if r["type"] == "snapshot"]
        self.footer = next((r for r in records if r["type"] == "footer"), None)
        self._records = records
        self._started = datetime.fromisoformat(self.header["started"][:26]).replace(tzinfo=timezone.utc)

    def samples(self):
        """A sample each, `t` in seconds."""
        collections, found = 0, []
        for snapshot in self.snapshots:
            collections = snapshot.get("gc_collections", collections)
            seconds = snapshot["t_ns"] / NANO
            limit, available = self.header["host"].get("limit_mb"), snapshot.get("available_mb")
            moment = (self._started + timedelta(seconds=seconds)).replace(tzinfo=None)
            found.append({
                "t": round(seconds, 4), "timestamp": moment.isoformat(), "rss_mb": snapshot["rss_mb"], "vms_mb": snapshot.get("vms_mb"),
                "percent": round(100 * (1 - available / limit), 1) if limit and available is not None else None, "available_mb": available,
                "pressure_level": self.pressure(snapshot["rss_mb"], available), "gc_collections": collections,
                "batch_size": snapshot.get("batch_size"), "operation": snapshot.get("operation"), "shared_mb": snapshot.get("shared_mb")})
        return found

    def pressure(self, rss, available):
        """The pressure level of a sample under the config that was in force."""
        thresholds, floors = self.config["thresholds"], self.config["available_limits"]
        for level, threshold in (("critical", "critical_mb"), ("high", "high_mb"), ("moderate", "moderate_mb")):
            if rss >= thresholds[threshold] or (available is not None and available < floors[threshold]):
                return level
        return "low"

    def profile(self, samples):
        """The profile that the job would have exported, with the closing sample that its manager takes for it at the end of the work."""
        has_manager = samples[-1]["batch_size"] is not None
        samples = [self._as_exported(sample) for sample in samples]
        if self.footer and has_manager:
            samples.append(samples[-1] | {"operation": "statistics"})
        thresholds, last = self.config["thresholds"], samples[-20:]
        mean = sum(sample["rss_mb"] for sample in last) / len(last)
        return {
            "metadata": {"export_time": samples[-1]["timestamp"], "config": {
                "thresholds_mb": {level: thresholds[f"{level}_mb"] for level in ("moderate", "high", "critical")},
                "batch_sizes": {level: self.config["batch_sizes"][level] for level in ("low", "medium", "high", "fallback")},
                "monitoring_interval_seconds": self.config["monitoring_interval_seconds"],
                "history_size": self.config["history_size"]}},
            "statistics": {
                "current": {"memory_mb": last[-1]["rss_mb"], "available_mb": last[-1]["available_mb"],
                            "pressure_level": last[-1]["pressure_level"], "batch_size": last[-1]["batch_size"],
                            "optimization_level": self.level(last[-1]["batch_size"]), "fallback_active": False},
                "trends": {"avg_memory_mb": round(mean, 1), "peak_memory_mb": max(s["rss_mb"] for s in last),
                           "memory_trend_mb": round(last[-1]["rss_mb"] - last[0]["rss_mb"], 1), "samples_count": len(samples)},
                "stats": self.counters(), "recommendations_count": 0, "monitoring_active": False},
            "history": samples, "recommendations": []}

    def _as_exported(self, sample):
        """A sample of the profile; a recording from outside knows no size, a manager has always one."""
        return {key: sample[key] for key in EXPORTED} | {"batch_size": sample["batch_size"] or self.config["batch_sizes"]["medium"]}

    def level(self, size):
        """The highest level that has a size."""
        return next((level for level in reversed(LEVELS) if self.config["batch_sizes"][level] == size), "medium")

    def counters(self):
        if self.footer:
            return self.footer["counters"]
        return dict.fromkeys(("total_gc_collections", "automatic_fallbacks", "batch_size_adjustments", "memory_warnings", "critical_events"), 0)

    def events(self, leaked, kept):
        """Batches, collections and changes of level; `leaked` and `kept` are {batch: MiB}."""
        found, open_batches = [], {}
        for record in self._records:
            at = {"t": round(record.get("t_ns", 0) / NANO, 4)}
            if record["type"] == "batch_start":
                begin = {key: record.get(key) for key in ("batch", "operation", "batch_size", "items", "rss_mb")}
                open_batches[record["batch"]] = (at["t"], begin)
                found.append(at | {"ev": "batch_start"} | begin | {"level": self.level(record.get("batch_size"))})
            elif record["type"] == "batch_end" and record["batch"] in open_batches:
                begun, begin = open_batches.pop(record["batch"])
                found.append(at | {"ev": "batch_end"} | begin | {
                    "dur_s": round(at["t"] - begun, 4), "cpu_s": record.get("cpu_s"), "peak_rss_mb": record.get("peak_rss_mb"),
                    "rss_mb": record["rss_mb"], "leaked_mb": leaked.get(record["batch"], 0.0), "retained_mb": kept.get(record["batch"], 0.0)})
            elif record["type"] == "gc":
                found.append(at | {"ev": "gc", "trigger": "controller" if record.get("forced") else "auto", "gen": 2,
                                   "rss_before_mb": record.get("rss_before_mb"), "rss_after_mb": record.get("rss_after_mb"),
                                   "collected": record.get("objects"), "dur_s": record.get("seconds")})
            elif record["type"] == "decision" and record.get("action") == "change_level":
                found.append(at | {"ev": "level", "old_level": record["from"], "new_level": record["to"],
                                   "old_batch_size": record["old_batch_size"], "new_batch_size": record["new_batch_size"],
                                   "rss_mb": record["rss_mb"], "pressure_level": record["pressure_level"]})
        return found


def settings(config, policy, size):
    """A config as outcomes hold it."""
    fixed = policy in ("fixed", "plain")
    thresholds, sizes = config["thresholds"], config["batch_sizes"]
    return {
        "name": policy, "mode": "fixed" if fixed else "adaptive", "fixed_level": "high" if fixed else None,
        "predictive": policy == "predictive", "monitoring_interval_seconds": config["monitoring_interval_seconds"],
        "history_size": config["history_size"],
        "thresholds_mb": {level: thresholds[f"{level}_mb"] for level in ("moderate", "high", "critical")},
        "gc_trigger_mb": thresholds["gc_trigger_mb"], "fallback_trigger_mb": thresholds["fallback_trigger_mb"],
        "batch_sizes": dict.fromkeys(LEVELS, size) if fixed else {level: sizes[level] for level in LEVELS},
        "auto_gc_enabled": config["auto_gc_enabled"] and not fixed, "fallback_enabled": config["fallback_enabled"] and not fixed,
        "available_floors_mb": {level: config["available_limits"][f"{level}_mb"] for level in ("critical", "high", "moderate")}}


def labels(program, recorded, samples, events, truth):
    """What is true of a run: of its program by construction, of the rest by its own thresholds."""
    habits = program.habits()
    wall = samples[-1]["t"] if samples else 0.0
    leak, last = any(habit.LEAK for habit in habits), truth[-1] if truth else {}
    leaked = max((line["leaked_mb"] for line in truth), default=0.0)
    items = sum(line["items"] for line in truth if line["ev"] == "batch")
    changes = [event for event in events if event["ev"] == "level"]
    levels = [LEVELS.index(event["new_level"]) for event in changes]
    collections = [event for event in events if event["ev"] == "gc"]
    forced = [event for event in collections if event["trigger"] == "controller"]
    shares, longest = _shares(samples, recorded.config["thresholds"])
    turns = reversals(levels)
    finished = bool(last) and last["ev"] == "end"
    return {
        "pattern": program.pattern, "leak": leak, "leaked_mb": round(leaked, 3),
        "leak_mb_per_min": round(leaked / (wall / 60), 3) if leak and wall else 0.0,
        "leak_kb_per_item": round(leaked * 1024 / items, 4) if leak and items else 0.0,
        "rss_growth_mb": round(samples[-1]["rss_mb"] - samples[0]["rss_mb"], 2) if finished and samples else None,
        "kept_mb": round(max((line["kept_mb"] for line in truth), default=0.0), 3),
        "outside_peak_mb": max((line.get("peak_mb", 0.0) for line in truth if line["ev"] == "outside"), default=None),
        "gc_churn": any(habit.CHURN for habit in habits),
        "gc_time_share": round(sum(event["dur_s"] or 0.0 for event in collections) / wall, 4) if wall else 0.0,
        "gc_auto_gen2": len(collections) - len(forced), "gc_forced": len(forced),
        "share_above_moderate": shares["moderate"], "share_above_high": shares["high"], "share_above_critical": shares["critical"],
        "longest_above_high_s": longest, "sustained_high": shares["high"] >= 0.5,
        "level_changes": len(changes), "level_reversals": turns,
        "batch_reversals": reversals([event["batch_size"] for event in events if event["ev"] == "batch_start"]),
        "flapping": turns >= 4 and wall > 0 and turns / (wall / 60) >= 10}


def reversals(values):
    """How often a sequence turns."""
    steps = [after > before for before, after in zip(values, values[1:]) if after != before]
    return sum(step != after for step, after in zip(steps, steps[1:]))


def _shares(samples, thresholds):
    """({level: share of time at or above its threshold}, longest stretch above high in seconds)."""
    above, longest, stretch, total = dict.fromkeys(("moderate", "high", "critical"), 0.0), 0.0, 0.0, 0.0
    for sample, after in zip(samples, samples[1:]):
        seconds = max(0.0, after["t"] - sample["t"])
        total += seconds
        for level in above:
            above[level] += seconds if sample["rss_mb"] >= thresholds[f"{level}_mb"] else 0.0
        stretch = stretch + seconds if sample["rss_mb"] >= thresholds["high_mb"] else 0.0
        longest = max(longest, stretch)
    return {level: round(value / total, 4) if total else 0.0 for level, value in above.items()}, round(longest, 3)
