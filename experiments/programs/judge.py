"""How right memtool is on recorded programs: `python -m programs.judge FOLDER --memtool FILE`, FOLDER with A and B.

Leaks and churn are asked of the samples alone (profiles), of streams with batch records, and of recordings from outside. A leaking
program that was killed before it leaked 5 MiB is not asked for its leak.
Peaks of the fixed sizes are predicted from one run with the default thresholds, and held against the runs without a limit.
A tuned size is not run: its memory and pace are read off the line between the fixed sizes beside it.
"""
import argparse
import json
import subprocess
import sys
from itertools import combinations
from pathlib import Path
from statistics import median, quantiles

from programs import published

AT_ONCE = 50
LEAKED_MB = 5
INPUTS = (("samples", "profile.json", ("fixed", "thresholds", "predictive", "plain")),
          ("streams", "stream.ndjson", ("fixed", "thresholds", "predictive")), ("outside", "stream.ndjson", ("plain",)))


class Memtool:
    """The command under judgement."""

    def __init__(self, path):
        self._path = path

    def json(self, *arguments):
        """What it prints with --format json; None where it prints none."""
        done = subprocess.run([self._path, *map(str, arguments), "--format", "json"], capture_output=True, text=True, check=False)
        try:
            return json.loads(done.stdout)
        except ValueError:
            print(f"{' '.join(map(str, arguments))}: exit {done.returncode}: {done.stderr.strip()[:300]}", file=sys.stderr)
            return None


def verdicts(memtool, runs, ending):
    """[(run, its analysis)]."""
    files = {run.file(ending): run for run in runs if Path(run.file(ending)).exists()}
    found, names = [], list(files)
    for first in range(0, len(names), AT_ONCE):
        answer = memtool.json("analyze", *names[first:first + AT_ONCE]) or {"profiles": []}
        found += [(files[profile["path"]], profile) for profile in answer["profiles"]]
    return found


def says(profile, kind):
    return any(finding["kind"] == kind for finding in profile["findings"])


def shares(found, kind, label):
    """One row: found, missed, false, precision, recall; of leaks how many were inconclusive, and the mistakes by program."""
    if label == "leak":
        found = [(run, profile) for run, profile in found if not run.labels["leak"] or run.labels["leaked_mb"] >= LEAKED_MB]
    true = [(run, profile) for run, profile in found if run.labels[label]]
    hits = sum(says(profile, kind) for _, profile in true)
    false = [run for run, profile in found if not run.labels[label] and says(profile, kind)]
    missed = [run for run, profile in true if not says(profile, kind)]
    unsure = {"inconclusive": sum(p["leak"]["verdict"] == "inconclusive" for _, p in found)} if label == "leak" else {}
    return {"runs": len(found), "true": len(true), "found": hits, "missed": len(missed), "false": len(false),
            "precision": hits / (hits + len(false)) if hits + len(false) else None, "recall": hits / len(true) if true else None,
            **unsure, "missed_in": _counted(missed), "false_in": _counted(false)}


def _counted(runs):
    names = [run.outcome["workload"] for run in runs]
    return {name: names.count(name) for name in sorted(set(names))}


def steadiness(found):
    """Of programs recorded three times in one way: how many have one verdict, `inconclusive` beside it allowed."""
    ways = {}
    for run, profile in found:
        key = (run.outcome["workload"], run.outcome["config"], run.outcome["limit_enforced"])
        ways.setdefault(key, []).append(profile["leak"]["verdict"])
    several = [set(v) - {"inconclusive"} for v in ways.values() if len(v) > 1]
    return {"recorded again": len(several), "one verdict": sum(len(v - {"none", "saturating"}) + bool(v & {"none", "saturating"}) <= 1 for v in several)}


def predictions(memtool, program, ending):
    """[(size, prediction)] of the fixed sizes, from its run with the default thresholds."""
    sources = [run for run in program.of("thresholds") if Path(run.file(ending)).exists()]
    sizes = sorted(program.fixed())
    if not sources or not sizes:
        return []
    asked = [word for size in sizes for word in ("--fixed-batch", size)]
    answer = memtool.json("simulate", sources[0].file(ending), *asked, "--limit-mb", program.limit_mb)
    by_config = {p["config"]: p for p in (answer or {"predictions": []})["predictions"]}
    return [(size, by_config.get(f"fixed-batch-{size}")) for size in sizes]


def peaks(memtool, programs, ending):
    """Errors of peaks, coverage of intervals, order of sizes, killed or not."""
    errors, held, taus, pairs, answered, asked, worst = [], [], [], [], 0, 0, []
    for program in programs:
        rows = []
        for size, prediction in predictions(memtool, program, ending):
            asked += 1
            truth = program.fixed()[size].outcome["peak_rss_mb"]
            chance = _chance(prediction)
            if chance is not None:
                pairs.append((program.killed(size), chance, f"{program.name} {size}"))
            peak = (prediction or {}).get("peak_rss_mb")
            if not peak or peak.get("median") is None:
                continue
            answered += 1
            errors.append(abs(peak["median"] - truth) / truth)
            held.append(peak["low"] <= truth <= peak["high"])
            worst.append((errors[-1], f"{program.name} {size}: {peak['low']:.0f} {peak['median']:.0f} {peak['high']:.0f}, was {truth:.0f}"))
            rows.append((peak["median"], truth))
        taus += [tau] if (tau := _tau(rows)) is not None else []
    return {"asked": asked, "answered": answered, "median error": median(errors) if errors else None,
            "p90 error": quantiles(errors, n=10)[-1] if len(errors) > 1 else None, "inside the interval": _mean(held),
            "tau": _mean(taus), **_kills(pairs), "worst": [text for _, text in sorted(worst, reverse=True)[:12]]}


def _chance(prediction):
    prediction = prediction or {}
    return prediction.get("kill_probability", prediction.get("oom_probability"))


def _kills(pairs):
    right = [killed == (chance >= 0.5) for killed, chance, _ in pairs]
    low = [name for killed, chance, name in pairs if killed and chance < 0.05]
    return {"pairs": len(pairs), "killed or not right": _mean(right), "killed": sum(killed for killed, *_ in pairs),
            "killed given under 5 %": len(low), "which": low}


def _tau(rows):
    """Kendall's tau-b of predicted and true peaks; None where the true ones do not differ by a tenth."""
    if len(rows) < 2 or max(t for _, t in rows) < 1.1 * min(t for _, t in rows):
        return None
    signs = [(_sign(a[0] - b[0]), _sign(a[1] - b[1])) for a, b in combinations(rows, 2)]
    ties = (sum(x != 0 for x, _ in signs) * sum(y != 0 for _, y in signs)) ** 0.5
    return sum(x * y for x, y in signs) / ties if ties else 0.0


def _sign(value):
    return (value > 0) - (value < 0)


def _mean(values):
    return sum(values) / len(values) if values else None


def tuned(memtool, programs):
    """`tune` from one predictive run: answered, violations, pace against the best fixed size."""
    able = [(p, p.of("predictive")[0]) for p in programs if p.of("predictive") and len(p.fixed()) > 1 and p.best_pace()]
    refused, violations, paces = [], [], []
    for program, run in able:
        answer = memtool.json("tune", run.file("stream.ndjson"), "--limit-mb", program.limit_mb, "--own-recorder")
        machine = answer["machines"][0] if answer and answer.get("machines") else None
        if not machine or not machine.get("feasible") or not machine.get("chosen"):
            refused.append(program.name)
            continue
        size = machine["chosen"]["batch_sizes"]["high"]
        charged = program.at(size, lambda run: run.outcome["peak_cgroup_mb"])
        if charged > program.limit_mb:
            violations.append(f"{program.name} {size}: {charged:.0f} of {program.limit_mb:.0f}")
        else:
            paces.append((program.at(size, program.pace) / program.best_pace(), f"{program.name} {size}"))
    return {"asked": len(able), "answered": len(able) - len(refused), "violations": len(violations),
            "of the best fixed, median": median(p for p, _ in paces) if paces else None, "worst": min(paces)[0] if paces else None,
            "worst in": min(paces)[1] if paces else None, "refused": refused, "violated": violations}


def predictive(programs):
    """The predictive policy's first runs: killed, pace and peak against fixed sizes."""
    able = [(p, p.of("predictive")[0]) for p in programs if p.of("predictive") and len(p.fixed()) > 1 and p.best_pace()]
    killed = [program.name for program, run in able if run.outcome["oom_killed"]]
    done = [(program, run) for program, run in able if run.outcome["completed"] and program.pace(run)]
    paces = sorted((program.pace(run) / program.best_pace(), program.name) for program, run in done)
    saved = [1 - run.outcome["peak_rss_mb"] / program.fixed()[1000].outcome["peak_rss_mb"] for program, run in done if 1000 in program.fixed()]
    return {"runs": len(able), "killed": len(killed), "of the best fixed, median": median(p for p, _ in paces) if paces else None,
            "worst": paces[0][0] if paces else None, "worst in": [f"{name} {pace:.2f}" for pace, name in paces[:5]],
            "peak below fixed 1000, median": median(saved) if saved else None, "killed in": killed}


def judged(memtool, programs):
    """All tables of one part."""
    runs = [run for program in programs for run in program.runs]
    table = {"programs": len(programs), "runs": len(runs)}
    for name, ending, policies in INPUTS:
        found = verdicts(memtool, [run for run in runs if run.policy in policies], ending)
        table[f"leak, {name}"] = shares(found, "memory_leak", "leak")
        table[f"churn, {name}"] = shares(found, "gc_churn", "gc_churn")
        table[f"verdict repeats, {name}"] = steadiness(found)
    table["peaks, streams"] = peaks(memtool, programs, "stream.ndjson")
    table["peaks, samples"] = peaks(memtool, programs, "profile.json")
    table["tune"] = tuned(memtool, programs)
    table["predictive"] = predictive(programs)
    return table


def page(parts):
    """A line for each table and part; names of programs are left to --json and --names."""
    lines = []
    for section in next(iter(parts.values())):
        if section in ("programs", "runs"):
            lines.append(f"{section}: " + ", ".join(f"{part} {table[section]}" for part, table in parts.items()))
            continue
        lines.append(section)
        for part, table in parts.items():
            figures = (f"{name} {_shown(value)}" for name, value in table[section].items() if not isinstance(value, (list, dict)))
            lines.append(f"  {part}  " + ", ".join(figures))
    return "\n".join(lines) + "\n"


def names(parts):
    """Where the mistakes are, by program."""
    lines = []
    for part, table in parts.items():
        for section, figures in table.items():
            for name, value in figures.items() if isinstance(figures, dict) else ():
                if isinstance(value, (list, dict)) and value:
                    lines.append(f"{part} {section}, {name}: {_shown(value)}")
    return "\n".join(lines) + "\n"


def _shown(value):
    if isinstance(value, float):
        return f"{value:.3f}"
    if isinstance(value, dict):
        return ", ".join(f"{name} {count}" for name, count in value.items()) or "-"
    if isinstance(value, list):
        return "; ".join(map(str, value)) or "-"
    return "-" if value is None else str(value)


def main():
    parser = argparse.ArgumentParser(prog="python -m programs.judge", description="How right memtool is on recorded programs.")
    parser.add_argument("folder", type=Path, help="the folder that holds the parts")
    parser.add_argument("--memtool", type=Path, required=True, metavar="FILE", help="the memtool command")
    parser.add_argument("--part", action="append", metavar="NAME", help="a part, a folder in it; may be repeated (default: A and B)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the tables here too")
    parser.add_argument("--names", action="store_true", help="say in which programs the mistakes are")
    given = parser.parse_args()
    memtool = Memtool(given.memtool.resolve())
    parts = {part: judged(memtool, published.read(given.folder / part)) for part in given.part or ("A", "B")}
    if given.json:
        given.json.write_text(json.dumps(parts, indent=1) + "\n", encoding="utf-8")
    print(page(parts), end="")
    if given.names:
        print("\n" + names(parts), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
