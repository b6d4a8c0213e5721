"""What the wheel costs: prints figures, asserts nothing.

    make wheel && pip install target/wheels/memtool_recorder-*.whl && python crates/python/benches/cost.py

µs of CPU time of the calling thread, best of five rounds; shares of one processor in a process that sleeps.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable

from memtool import AdaptiveConfig, AdaptiveMemoryManager

CALLS = 20_000
WATCHED_SECONDS = 30


def report(what: str, call: Callable[[], object]) -> None:
    best = float("inf")
    for _ in range(5):
        began = time.thread_time()
        for _ in range(CALLS):
            call()
        best = min(best, (time.thread_time() - began) / CALLS * 1e6)
    print(f"  {what:58} {best:7.2f}")


def manager(**settings: object) -> AdaptiveMemoryManager:
    return AdaptiveMemoryManager(AdaptiveConfig(**settings), reports_dir=tempfile.mkdtemp())  # type: ignore[arg-type]


def calls() -> None:
    print("a call, µs:")
    for history in (100, 100_000):
        with manager(history_size=history) as ours:
            for _ in range(history):
                ours.force_memory_check()
            report(f"force_memory_check, {history:,} samples in the history", ours.force_memory_check)
    with manager() as ours:

        def batch() -> None:
            with ours.batch("bench", items=1):
                pass

        report("a batch, start and end with exact peak", batch)
        report("get_current_batch_size", ours.get_current_batch_size)
    with manager(predictive=True) as ours:
        with ours.batch("bench", items=1):
            pass
        report("get_current_batch_size, predicted", lambda: ours.get_current_batch_size("bench"))
    try:
        import psutil
    except ImportError:
        print("  (psutil is not installed)")
        return
    process = psutil.Process()
    report("psutil, memory_info and virtual_memory", lambda: (process.memory_info(), psutil.virtual_memory()))


def shares() -> None:
    print(f"CPU share in a process that sleeps {WATCHED_SECONDS} s, %:")
    for history, hertz in ((100, 1), (100, 10), (20_000, 10)):
        with manager(monitoring_interval_seconds=1 / hertz, history_size=history):
            began = time.process_time()
            time.sleep(WATCHED_SECONDS)
            share = (time.process_time() - began) / WATCHED_SECONDS * 100
        print(f"  {f'{hertz} Hz, history {history:,}':58} {share:7.4f}")


if __name__ == "__main__":
    calls()
    shares()
