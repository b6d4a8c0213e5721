"""What happens to the process: threads, forks, exits, kills. Each in an interpreter of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from memtool import Profile, load_profile

Python = Callable[[str], "subprocess.CompletedProcess[str]"]


def streams(folder: Path) -> list[Profile]:
    return [load_profile(path) for path in sorted((folder / "reports" / "memory").glob("*.ndjson"))]


def assert_fine(done: subprocess.CompletedProcess[str]) -> None:
    assert (done.returncode, done.stderr) == (0, ""), done.stderr


def test_ten_thousand_batches_from_eight_threads(python: Python, tmp_path: Path) -> None:
    done = python(
        """
import threading
from memtool import AdaptiveConfig, AdaptiveMemoryManager

manager = AdaptiveMemoryManager(AdaptiveConfig(monitoring_interval_seconds=0.001, profiling_enabled=True))
calls = []

def hook(snapshot):
    calls.append(snapshot.rss_mb)
    if len(calls) % 3 == 0:
        raise RuntimeError("on purpose")

manager.add_profiling_hook(hook)
manager._log.log = lambda *arguments, **fields: None

def work(name):
    for number in range(1250):
        try:
            with manager.batch(name, items=number):
                if number % 7 == 0:
                    raise ValueError("on purpose")
                manager.get_current_batch_size()
        except ValueError:
            pass
        if number % 50 == 0:
            manager.force_memory_check(name)

with manager:
    threads = [threading.Thread(target=work, args=(f"thread {n}",)) for n in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    recording = manager.get_memory_statistics()["recording"]
assert recording["batches"] == 10_000, recording
assert recording["hook_failures"] == 0, recording
assert len(calls) > 200
"""
    )
    assert_fine(done)
    (run,) = streams(tmp_path)
    ended = sum(seconds is not None for seconds in run.batches["seconds"])
    assert ended == 10_000 or any("lost" in warning for warning in run.warnings), run.warnings
    assert not any("without closing" in warning for warning in run.warnings)


def test_the_interpreter_may_exit_while_it_monitors(python: Python, tmp_path: Path) -> None:
    for number in range(10):
        done = python(
            f"""
import sys, time
from memtool import AdaptiveConfig, AdaptiveMemoryManager, MemoryThresholds

# Collections, hooks and the logger are called at each sample, up to the end.
thresholds = MemoryThresholds(gc_trigger_mb=1.0, critical_mb=2.0, moderate_mb=0.5, high_mb=1.0)
config = AdaptiveConfig(
    monitoring_interval_seconds=0.001, profiling_enabled=True, thresholds=thresholds
)
manager = AdaptiveMemoryManager(config, reports_dir="reports/memory")
manager._log.log = lambda *arguments, **fields: None
manager.add_profiling_hook(lambda snapshot: sum(range(1000)))
manager.start_monitoring()
time.sleep({0.002 * number})
batch = manager.batch("left open", items=1).__enter__()
if {number % 2}:
    sys.exit(0)
"""
        )
        assert_fine(done)
    runs = streams(tmp_path)
    assert len(runs) == 10
    for run in runs:
        assert run.warnings == [], "each stream is closed"
        assert run.batches["operation"] == ["left open"]


def test_a_hook_that_never_returns_does_not_keep_the_interpreter(python: Python, tmp_path: Path) -> None:
    began = time.monotonic()
    done = python(
        """
import threading, time
from memtool import AdaptiveConfig, AdaptiveMemoryManager

config = AdaptiveConfig(monitoring_interval_seconds=0.001, profiling_enabled=True)
manager = AdaptiveMemoryManager(config)
manager.start_monitoring()
entered = threading.Event()
manager.add_profiling_hook(lambda snapshot: (entered.set(), time.sleep(3600)))
assert entered.wait(20)
"""
    )
    assert_fine(done)
    assert time.monotonic() - began < 20
    (run,) = streams(tmp_path)
    assert run.warnings == []


def test_an_exception_that_ends_the_job_closes_the_stream(python: Python, tmp_path: Path) -> None:
    done = python(
        """
from memtool import create_adaptive_memory_manager

with create_adaptive_memory_manager() as manager:
    for chunk in manager.iter_batches(range(5000), "load"):
        raise KeyError("on purpose")
"""
    )
    assert done.returncode == 1 and "KeyError: 'on purpose'" in done.stderr
    (run,) = streams(tmp_path)
    assert run.warnings == [] and None not in run.batches["seconds"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_forked_child_neither_hangs_nor_writes_into_the_parents_stream(python: Python, tmp_path: Path) -> None:
    done = python(
        """
import os, threading, warnings
from memtool import AdaptiveConfig, AdaptiveMemoryManager

# Forking with threads around is what is tested.
warnings.simplefilter("ignore", DeprecationWarning)
manager = AdaptiveMemoryManager(AdaptiveConfig(monitoring_interval_seconds=0.001))
manager.start_monitoring()
over = threading.Event()

def busy():
    while not over.is_set():
        with manager.batch("parent", items=1):
            manager.force_memory_check("parent")

threads = [threading.Thread(target=busy) for _ in range(3)]
[thread.start() for thread in threads]
for number in range(20):
    pid = os.fork()
    if pid == 0:
        assert not manager.get_memory_statistics()["monitoring_active"]
        assert manager.get_current_batch_size() == 1000, "as large as in the parent"
        with manager:
            with manager.batch("child", items=number):
                pass
            assert manager.force_memory_check("child").rss_mb > 0
        os._exit(0)
    assert os.waitpid(pid, 0)[1] == 0
over.set()
[thread.join() for thread in threads]
manager.stop_monitoring()
"""
    )
    assert_fine(done)
    runs = streams(tmp_path)
    assert len(runs) == 21
    parents = [run for run in runs if "parent" in run.batches["operation"]]
    children = [run for run in runs if "child" in run.batches["operation"]]
    assert (len(parents), len(children)) == (1, 20)
    assert "child" not in parents[0].batches["operation"] + parents[0].snapshots["operation"]
    # Three threads that do nothing else may be faster than the writer; then the loss is counted.
    warnings = [warning for run in runs for warning in run.warnings if "lost" not in warning]
    assert warnings == []
    # A child has a high-water mark of its own, and knows its peaks as well as the parent does.
    sources = {source for run in runs for source in run.batches["peak_source"]}
    assert len(sources) == 1, sources


def test_worker_processes_of_a_pool_do_not_hang(python: Python, tmp_path: Path) -> None:
    done = python(
        """
import multiprocessing
from memtool import create_adaptive_memory_manager

manager = create_adaptive_memory_manager()

def work(number):
    with manager.batch("pool", items=number):
        return manager.force_memory_check().rss_mb > 0

if __name__ == "__main__":
    with manager, multiprocessing.get_context("fork").Pool(2) as pool:
        assert all(pool.map(work, range(20)))
"""
    )
    assert_fine(done)


@pytest.mark.skipif(sys.platform == "win32", reason="no such signal")
def test_kill_leaves_a_stream_that_reads_back(tmp_path: Path) -> None:
    program = """
import itertools, time
from memtool import AdaptiveConfig, AdaptiveMemoryManager

manager = AdaptiveMemoryManager(AdaptiveConfig(monitoring_interval_seconds=0.05))
manager.start_monitoring()
for number in itertools.count():
    with manager.batch("load", items=number):
        held = bytearray(1 << 20)
        time.sleep(0.005)
    if number == 400:
        print("ready", flush=True)
"""
    victim = subprocess.Popen([sys.executable, "-c", program], cwd=tmp_path, stdout=subprocess.PIPE)
    assert victim.stdout is not None and victim.stdout.readline() == b"ready\n"
    os.kill(victim.pid, signal.SIGKILL)
    victim.wait()
    victim.stdout.close()
    (run,) = streams(tmp_path)
    assert any("without closing" in warning for warning in run.warnings)
    # Two seconds and more for four hundred: what is a second old must be there.
    assert len(run.batches) >= 200


def test_ctrl_c_ends_the_job_and_closes_the_stream(tmp_path: Path) -> None:
    program = """
from memtool import create_adaptive_memory_manager
import time

with create_adaptive_memory_manager(monitoring_interval_seconds=0.01) as manager:
    with manager.batch("load", items=1):
        print("ready", flush=True)
        time.sleep(60)
"""
    job = subprocess.Popen(
        [sys.executable, "-c", program], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert job.stdout is not None and job.stdout.readline() == b"ready\n"
    job.send_signal(signal.SIGINT)
    errors = job.communicate(timeout=30)[1]
    assert job.returncode != 0 and b"KeyboardInterrupt" in errors
    (run,) = streams(tmp_path)
    assert run.warnings == [] and None not in run.batches["seconds"]


def test_sampling_goes_on_while_the_interpreter_is_held(python: Python, tmp_path: Path) -> None:
    """A call that keeps the interpreter's lock for long: samples come all the same."""
    done = python(
        """
from memtool import AdaptiveConfig, AdaptiveMemoryManager, MemoryThresholds

config = AdaptiveConfig(
    monitoring_interval_seconds=0.01,
    profiling_enabled=True,
    thresholds=MemoryThresholds(gc_trigger_mb=1.0),
)
manager = AdaptiveMemoryManager(config)
manager._log.log = lambda *arguments, **fields: None
manager.add_profiling_hook(lambda snapshot: None)
with manager:
    manager.operation("held")
    # One call of C code, a second or so, that never lets go of the lock.
    sorted(range(6_000_000), key=int.__neg__) and sorted([0.5] * 20_000_000 + [0.1])
    manager.operation("free")
"""
    )
    assert_fine(done)
    (run,) = streams(tmp_path)
    held = [at for at, name in zip(run.snapshots["t_s"], run.snapshots["operation"]) if name == "held"]
    gaps = [later - earlier for earlier, later in zip(held, held[1:])]
    assert len(held) > 20 and max(gaps) < 0.5 * (held[-1] - held[0]), (len(held), max(gaps))


def test_a_stopped_manager_is_freed(python: Python) -> None:
    done = python(
        """
import gc, weakref
from memtool import AdaptiveConfig, AdaptiveMemoryManager

manager = AdaptiveMemoryManager(AdaptiveConfig(monitoring_interval_seconds=0.01))
manager.add_profiling_hook(lambda snapshot: manager)
with manager:
    pass
gone = weakref.ref(manager)
del manager
gc.collect()
assert gone() is None
kept = weakref.ref(AdaptiveMemoryManager(AdaptiveConfig(monitoring_interval_seconds=0.01)))
assert kept() is None
def forgets():
    manager = AdaptiveMemoryManager(AdaptiveConfig(monitoring_interval_seconds=0.01))
    manager.start_monitoring()
    return weakref.ref(manager)
running = forgets()
gc.collect()
assert running().get_memory_statistics()["monitoring_active"], "as with a thread of its own"
"""
    )
    assert_fine(done)


def test_the_peak_of_a_batch_that_works_in_a_child_is_exact(python: Python, tmp_path: Path) -> None:
    done = python(
        """
import subprocess, sys
from memtool import AdaptiveConfig, AdaptiveMemoryManager

worker = '''
for line in __import__("sys").stdin:
    held = bytearray(int(line) << 20)
    held = None
    print("done", flush=True)
'''
config = AdaptiveConfig(include_children=True, predictive=True, memory_limit_mb=2000, monitoring_interval_seconds=60)
manager = AdaptiveMemoryManager(config)
with manager, subprocess.Popen([sys.executable, "-c", worker], stdin=-1, stdout=-1, text=True) as child:
    def work(megabytes):
        child.stdin.write(f"{megabytes}\\n")
        child.stdin.flush()
        assert child.stdout.readline() == "done\\n"
    work(1)
    for part in manager.iter_batches(range(800), operation="work"):
        work(len(part))
    child.stdin.close()
    child.wait()
    with manager.batch("brief", items=1):
        subprocess.run([sys.executable, "-c", "pass"], check=True)
"""
    )
    assert_fine(done)
    (run,) = streams(tmp_path)
    batches = run.batches
    rows = list(zip(*(batches[name] for name in ("operation", "items", "rss_start_mb", "peak_rss_mb", "peak_source"))))
    work = [row for row in rows if row[0] == "work"]
    for _, items, start, peak, source in work:
        assert source == "high_water_mark"
        assert items - 5 <= peak - start <= items + 40, "held by the child alone, between two samples"
    assert max(row[1] for row in work) > 100, "learned from, so that batches grow"
    assert [row[4] for row in rows if row[0] == "brief"] == ["sampled"], "a child ended within it"
