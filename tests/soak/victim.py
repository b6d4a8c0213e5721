"""A job that is there to be killed: `python victim.py FOLDER INTERVAL THREADS`. The same as the example `victim` of the recorder."""
import os
import sys
import threading
import time

from memtool import AdaptiveConfig, AdaptiveMemoryManager


def tell(what, batch):
    os.write(1, f"{what} {batch} {time.monotonic_ns()}\n".encode())


def check(manager):
    while True:
        manager.force_memory_check("busy")
        time.sleep(0.0002)


def main():
    folder, interval, threads = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
    manager = AdaptiveMemoryManager(AdaptiveConfig(monitoring_interval_seconds=interval), reports_dir=folder)
    with manager:
        for _ in range(threads):
            threading.Thread(target=check, args=(manager,), daemon=True).start()
        number = 0
        while True:
            number += 1
            with manager.batch("load", items=number):
                tell("b", number)
                held = bytearray(200_000)
                del held
            tell("e", number)


main()
