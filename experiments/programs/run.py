"""One run of one program in a control group, and what is written of it."""
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from programs import corpus

HOME = Path(__file__).parent.parent
TIMEOUT = 1800
# Where no limit is asked for, the kernel's is this.
WIDE_MB = 8_192
INTERVALS = {"short": 0.1, "medium": 0.1, "long": 0.5, "lasting": 1.0}
# One thread everywhere, so that a run does not compete with itself.
QUIET = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "ARROW_NUM_THREADS",
                                "POLARS_MAX_THREADS")}


@dataclass(frozen=True)
class Condition:
    """How a program is run: `policy` and `size` as in driver.py, and whether the kernel enforces its limit."""

    policy: str
    size: int | None = None
    enforced: bool = False

    @property
    def name(self):
        named = {"thresholds": "adaptive_default", "predictive": "adaptive_predictive", "plain": f"outside_{self.size}"}
        return named.get(self.policy, f"fixed_{self.size}") + ("" if self.enforced else "_nolimit")


def run(make_limit, program, condition, *, repeat, limit_mb, memtool, folder):
    """Runs it and writes NAME.{stream.ndjson,truth.ndjson,profile.json,samples.ndjson,events.ndjson,outcome.json}; the outcome."""
    name = f"{program.name}__{condition.name}__r{repeat}"
    folder.mkdir(parents=True, exist_ok=True)
    group = make_limit(limit_mb if condition.enforced else WIDE_MB)
    with tempfile.TemporaryDirectory(prefix="memtool_programs_") as scratch:
        scratch = Path(scratch)
        process = _start(program, condition, group, scratch, limit_mb, memtool)
        ended = _wait(process)
        kills, charged = group.kills(), group.peak_mb()
        group.remove()
        text = (scratch / "log").read_text(errors="replace")
        if ended.code != 0 and not kills:
            raise RuntimeError(f"{name} failed ({ended.code}) and the kernel killed nothing:\n{text}")
        streams = sorted(scratch.glob("*.ndjson"))
        if not streams:
            raise RuntimeError(f"{name} left no stream:\n{text}")
        truth = corpus.lines(scratch / "truth")
        recorded = corpus.Recorded(streams[0])
        _copy(streams[0], folder / f"{name}.stream.ndjson")
        _copy(scratch / "truth", folder / f"{name}.truth.ndjson")
    return _written(program, condition, repeat, limit_mb, folder / name, truth, recorded, ended, kills, charged)


@dataclass(frozen=True)
class Ended:
    code: int
    seconds: float
    max_rss_mb: float
    timed_out: bool


def _start(program, condition, group, scratch, limit_mb, memtool):
    children = program.memory == "children"
    settings = {"policy": condition.policy, "size": condition.size, "limit_mb": limit_mb, "children": children,
                "interval_s": INTERVALS[program.length], "reports": str(scratch)}
    command = [sys.executable, "-m", *program.module, json.dumps(settings), str(scratch / "truth")]
    if condition.policy == "plain":
        record = [str(memtool), "record", "--quiet", "--interval", str(INTERVALS[program.length]), "--output", str(scratch / "stream.ndjson")]
        command = [*record, *(["--memory-limit", str(round(limit_mb))] if condition.enforced else []), "--", *command]

    def enter():
        group.enter()
        os.nice(10)

    environment = {**os.environ, **QUIET, "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(HOME)}
    with open(scratch / "log", "w", encoding="utf-8") as output:
        return subprocess.Popen(command, cwd=scratch, env=environment, preexec_fn=enter, stdout=output, stderr=output,
                                start_new_session=True)


def _wait(process):
    begin, timed_out = time.monotonic(), False
    while True:
        done, status, usage = os.wait4(process.pid, os.WNOHANG)
        if done:
            break
        if time.monotonic() - begin > TIMEOUT and not timed_out:
            timed_out = True
            os.killpg(process.pid, signal.SIGKILL)
        time.sleep(0.02)
    process.returncode = os.waitstatus_to_exitcode(status)
    return Ended(process.returncode, time.monotonic() - begin, usage.ru_maxrss / 1024, timed_out)


def _copy(source, target):
    target.write_bytes(source.read_bytes() if source.exists() else b"")


def _written(program, condition, repeat, limit_mb, stem, truth, recorded, ended, kills, charged):
    samples = recorded.samples()
    counted = {line["batch"]: line for line in truth if line["ev"] == "batch"}
    events = recorded.events({n: line["leaked_mb"] for n, line in counted.items()}, {n: line["kept_mb"] for n, line in counted.items()})
    outcome = _outcome(program, condition, repeat, limit_mb, truth, recorded, samples, events, ended, kills, charged)
    outcome = {"run_name": stem.name} | outcome
    for ending, rows in (("samples", samples), ("events", events)):
        Path(f"{stem}.{ending}.ndjson").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    if samples:
        Path(f"{stem}.profile.json").write_text(json.dumps(recorded.profile(samples)), encoding="utf-8")
    Path(f"{stem}.outcome.json").write_text(json.dumps(outcome, indent=1), encoding="utf-8")
    return outcome


def _outcome(program, condition, repeat, limit_mb, truth, recorded, samples, events, ended, kills, charged):
    batches = [line for line in truth if line["ev"] == "batch"]
    end = next((line for line in truth if line["ev"] == "end"), None)
    items, sizes = sum(line["items"] for line in batches), {}
    for line in batches:
        sizes[str(line["items"])] = sizes.get(str(line["items"]), 0) + 1
    # A program that was killed in its first batch has said nothing since its start.
    wall = max([line["t"] for line in truth[-1:]] + ([] if end else [sample["t"] for sample in samples[-1:]]), default=0.0)
    cpu = end["cpu_s"] if end else None
    # A child is not in this process' mark, and its truth has both.
    marks = [line.get("peak_mb", 0.0) for line in truth] + [s["rss_mb"] for s in samples]
    own = [] if program.memory == "children" else [ended.max_rss_mb]
    return {
        "workload": program.name, "config": condition.name.removesuffix("_nolimit"), "rep": repeat, "unit": "items", "seed": program.seed,
        "memory": program.memory, "addition": program.addition, "length": program.length,
        "limit_mb": limit_mb, "limit_enforced": condition.enforced,
        "settings": corpus.settings(recorded.config, condition.policy, condition.size),
        "exit_code": ended.code, "completed": end is not None and not kills, "oom_killed": kills > 0, "timed_out": ended.timed_out,
        "kernel_oom_kills": kills, "peak_rss_mb": round(max(marks + own), 2),
        "peak_sampled_rss_mb": max((s["rss_mb"] for s in samples), default=None), "peak_cgroup_mb": round(charged, 2),
        "wall_s": wall, "cpu_s": cpu, "lifetime_s": round(ended.seconds, 3), "items_done": items,
        "items_total": end["items"] if end else program.items, "batches": len(batches), "batches_started_by_size": sizes,
        "items_per_s": round(items / wall, 2) if wall else None, "items_per_cpu_s": round(items / cpu, 2) if cpu else None,
        "samples": len(samples), "profile_reconstructed": True,
        "labels": corpus.labels(program, recorded, samples, events, truth)}
