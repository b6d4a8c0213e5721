"""The order of the runs; every finished row is kept, so that a run can be taken up again."""
import csv
import platform
import subprocess
from pathlib import Path

from bench import measure, policies

COLUMNS = ("workload", "policy", "repeat", "limit_mb", "outcome", "peak_mb", "items", "cpu_s", "wall_s",
           "items_per_cpu_s", "items_per_s", "checksum", "sizes")
# The exit code of a command that cannot tell.
REFUSED = 4


def runs(names, repeats, sweep_repeats):
    """(workload, policy, repeat), interleaved: whatever changes on the machine meets all policies."""
    sweep = [f"fixed_{size}" for size in policies.SWEEP if f"fixed_{size}" not in policies.POLICIES]
    for repeat in range(1, repeats + 1):
        for name in names:
            order = [*policies.POLICIES, *(sweep if repeat <= sweep_repeats else [])]
            turn = (repeat - 1) * 2 % len(order)
            yield from ((name, policy, repeat) for policy in order[turn:] + order[:turn])


class Rows:
    """The raw table on disk, a row a run."""

    def __init__(self, path):
        self.path = path
        self.rows = list(csv.DictReader(path.open(newline=""))) if path.exists() else []

    def has(self, name, policy, repeat):
        key = (name, policy, str(repeat))
        return any((row["workload"], row["policy"], row["repeat"]) == key for row in self.rows)

    def add(self, row):
        new = not self.path.exists()
        with self.path.open("a", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
            if new:
                writer.writeheader()
            writer.writerow(row)
        self.rows.append({key: "" if row[key] is None else str(row[key]) for key in COLUMNS})


def run_all(make_limit, names, *, output, memtool, core, repeats, sweep_repeats, tell):
    """All runs that `output` has not yet."""
    rows = Rows(output / "runs.csv")
    planned = list(runs(names, repeats, sweep_repeats))
    measure.warm_up(names)
    for number, (name, policy, repeat) in enumerate(planned, 1):
        if rows.has(name, policy, repeat):
            continue
        tuned = tune(make_limit, name, output, memtool, core) if policy == "tuned" else None
        if policy == "tuned" and tuned is None:
            row = dict.fromkeys(COLUMNS) | {"workload": name, "policy": policy, "outcome": "refused",
                                            "limit_mb": measure.workload(name).LIMIT_MB}
        else:
            reports = output / "streams" / f"{name}_{policy}_{repeat}"
            row = measure.run(make_limit, name, policy, core=core, reports=reports, tuned=tuned)
        row["repeat"] = repeat
        rows.add(row)
        figures = ""
        if row["outcome"] == "finished":
            figures = f"{row['peak_mb']:5.0f} of {row['limit_mb']} MB, {row['items_per_cpu_s']:.0f} items per CPU s"
        tell(f"[{number}/{len(planned)}] {name:18} {policy:11} #{repeat} {row['outcome']:8} {figures}")
    return rows.rows


def tune(make_limit, name, output, memtool, core):
    """The config that `memtool tune` makes of the stream of one earlier run.

    That run is a predictive one: under the compatible rules many jobs die in their first second, and
    leave nothing to tune from. None where it refuses to give a config; `tune.txt` has its reason.
    """
    folder = output / "tuned" / name
    config, told = folder / "tuned.yaml", folder / "tune.txt"
    if told.exists():
        return config if config.exists() else None
    folder.mkdir(parents=True, exist_ok=True)
    measure.run(make_limit, name, "predictive", core=core, reports=folder / "earlier")
    streams = sorted((folder / "earlier").glob("memory_stream_*.ndjson*"))
    if not streams:
        raise RuntimeError(f"the earlier run of {name} left no stream in {folder / 'earlier'}")
    limit = measure.workload(name).LIMIT_MB
    command = [str(memtool), "tune", str(streams[-1].relative_to(folder)), "--memory-limit", f"{limit}MiB",
               "--target", "recorder", "--output", "."]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
    if done.returncode not in (0, REFUSED):
        raise RuntimeError(f"{' '.join(command)} failed ({done.returncode}):\n{done.stdout}{done.stderr}")
    made = sorted(folder.glob("*.yaml"))
    if made:
        made[0].rename(config)
    told.write_text(done.stdout + done.stderr, encoding="utf-8")
    return config if made else None


def machine():
    """What the figures were measured on."""
    model = next((line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), platform.machine())
    return f"{model}, Linux {platform.release()}, Python {platform.python_version()}"
