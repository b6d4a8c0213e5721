"""Runs one workload under one policy and tells what became of it."""
import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HOME = Path(__file__).parent.parent
SEED = 20250101
TIMEOUT = 300
# One thread everywhere: runs shall not compete with themselves.
QUIET = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "ARROW_NUM_THREADS")}


def workload(name):
    return importlib.import_module(f"workloads.{name}")


def run(make_limit, name, policy, *, core, reports, tuned=None):
    """One run under the kernel's limit, as the fields of a row."""
    module = workload(name)
    group = make_limit(module.LIMIT_MB)
    given = {"workload": name, "policy": policy, "limit_mb": module.LIMIT_MB, "seed": SEED,
             "reports": str(reports), "tuned": tuned and str(tuned)}
    with tempfile.TemporaryDirectory(prefix="memtool_experiment_") as folder:
        result, log = Path(folder, "result.json"), Path(folder, "log.txt")
        code = _wait(_start(given, result, log, group, core))
        done = json.loads(result.read_text()) if result.exists() else {}
        text = log.read_text(errors="replace")
    kills, peak = group.kills(), group.peak_mb()
    group.remove()
    if code != 0 and not kills:
        raise RuntimeError(f"{name} under {policy} failed ({code}) and the kernel killed nothing:\n{text}")
    finished = code == 0 and bool(done)
    rate = (lambda seconds: round(done["items"] / done[seconds], 2)) if finished else (lambda _: None)
    return {"workload": name, "policy": policy, "limit_mb": module.LIMIT_MB, "outcome": "finished" if finished else "killed",
            "peak_mb": round(peak, 1), "items": done.get("items"), "cpu_s": _rounded(done.get("cpu_s")),
            "wall_s": _rounded(done.get("wall_s")), "items_per_cpu_s": rate("cpu_s"), "items_per_s": rate("wall_s"),
            "checksum": done.get("checksum"), "sizes": _sizes(done.get("sizes"))}


def _start(given, result, log, group, core):
    def enter():
        group.enter()
        if core is not None:
            os.sched_setaffinity(0, {core})

    environment = {**os.environ, **QUIET, "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "bench.job", json.dumps(given), str(result)]
    with open(log, "w", encoding="utf-8") as output:
        return subprocess.Popen(command, cwd=HOME, env=environment, preexec_fn=enter, stdout=output, stderr=output,
                                start_new_session=True)


def _wait(process):
    try:
        return process.wait(TIMEOUT)
    except subprocess.TimeoutExpired:
        raise RuntimeError(f"still running after {TIMEOUT} s: {process.args}") from None
    finally:
        try:
            # A job that was killed leaves its children behind.
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()


def _rounded(seconds):
    return None if seconds is None else round(seconds, 3)


def _sizes(sizes):
    return None if sizes is None else " ".join(f"{size}x{count}" for size, count in sizes.items())


def warm_up(names):
    """Reads the libraries into the page cache, so that no run pays for it."""
    libraries = sorted({library for name in names for library in workload(name).PRELOAD} | {"memtool"})
    for _ in range(2):
        subprocess.run([sys.executable, "-c", f"import {', '.join(libraries)}"], check=False, cwd=HOME,
                       stderr=subprocess.DEVNULL)
        time.sleep(0.2)
