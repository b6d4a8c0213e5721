"""What a job works with: sizes from outside, batches, stages, and its own account of the truth."""
import contextlib
import json
import os
import sys
import time

from by_hand import catalog
from programs import driver
from programs.truth import Truth


class OneProcess:
    """The memory is that of this process alone."""


class Workers:
    """The memory of the worker processes counts too."""

    def state(self):
        """(resident now, high-water marks) of all descendants in MiB."""
        found = [_sizes(pid) for pid in _descendants(os.getpid())]
        return sum(rss for rss, _ in found), sum(mark for _, mark in found)


class Job:
    def __init__(self, drive, truth_path, children):
        self._drive = drive
        self.truth = Truth(truth_path, Workers() if children else OneProcess())
        self.items = 0

    def batches(self, operation, first, count, work):
        """Calls work(start, n) over the items from `first` on, `count` of them."""
        stop = first + count
        while first < stop:
            n = min(self._drive.size(operation), stop - first)
            # The recorder sets the kernel's mark back as the batch begins.
            self.truth.look()
            begin = self.truth.now()
            with self._drive.batch(operation, n) as number:
                work(first, n)
                self.truth.batch(number, operation, n, begin)
            first += n
            self.items += n

    def stage(self, name):
        return self._drive.stage(name)

    @contextlib.contextmanager
    def outside(self, name):
        """A stage outside of batches."""
        begin = self.truth.now()
        with self._drive.stage(name):
            yield
        self.truth.outside(name, begin)

    def leaked(self, count):
        """So many bytes more will not be used again."""
        self.truth.leaked += count

    def kept(self, count, declared=False):
        """So many bytes more (or fewer) are kept for use."""
        self.truth.kept += count
        if declared:
            self._drive.retained(max(0, self.truth.kept))

    def wait(self, seconds):
        time.sleep(seconds)


def _descendants(pid):
    todo = [pid]
    while todo:
        with contextlib.suppress(OSError):
            pid = todo.pop()
            for task in os.listdir(f"/proc/{pid}/task"):
                with open(f"/proc/{pid}/task/{task}/children", encoding="ascii") as file:
                    children = [int(part) for part in file.read().split()]
                todo += children
                yield from children


def _sizes(pid):
    found = {"VmRSS": 0.0, "VmHWM": 0.0}
    # One that has ended holds nothing.
    with contextlib.suppress(OSError), open(f"/proc/{pid}/status", encoding="ascii") as file:
        for line in file:
            name, _, value = line.partition(":")
            if name in found:
                found[name] = int(value.split()[0]) / 1024
    return found["VmRSS"], found["VmHWM"]


def main():
    name, settings, truth_path = sys.argv[1], json.loads(sys.argv[2]), sys.argv[3]
    drive = driver.make(settings)
    job = Job(drive, truth_path, settings["children"])
    catalog.module(name).run(job)
    job.wait(0.3)
    job.truth.end(job.items)
    drive.close()


if __name__ == "__main__":
    main()
