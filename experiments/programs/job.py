"""One program at work: `python -m programs.job SEED DRIVER TRUTH`, DRIVER being JSON (see driver.py)."""
import contextlib
import json
import os
import sys
import time
from collections import deque
from dataclasses import dataclass

from programs import driver, memory
from programs.draw import program
from programs.truth import Truth


@dataclass
class Part:
    """Some items of a batch, or all of it."""

    operation: str
    # Shares of the whole work that are done before and after it.
    begin: float
    end: float
    # Bytes that each item takes.
    sizes: list
    # What holds the memory of the batch so far.
    held: list

    def blocks(self):
        """The blocks of its items, where its kind of memory has them apart."""
        return (block for blocks in self.held if isinstance(blocks, list) for block in blocks)


class Job:
    """What the patterns of a program work with."""

    def __init__(self, drawn, drive, truth_path):
        self.program = drawn
        self.habits = drawn.habits()
        self.memory = memory.make(drawn.memory)
        self.truth = Truth(truth_path, self.memory)
        self._drive = drive
        if hasattr(self.memory, "allocated"):
            drive.meter(self.memory.METER, self.memory.allocated)
        self._leaked, self._kept = [], deque()
        self._kept_blocks = 0

    # What patterns call

    def hold(self, sizes):
        """Memory that is given back when the caller drops it."""
        return self.memory.take(sizes)

    def leak(self, sizes):
        """Memory that nobody will use again."""
        self._leaked.append(self.memory.take(sizes))
        self.truth.leaked += sum(sizes)

    def keep(self, sizes, *, at_most=None, declared=False):
        """Memory that is kept for use; with `at_most`, that many blocks, the oldest given back."""
        self._kept.append((self.memory.take(sizes), len(sizes), sum(sizes)))
        self._kept_blocks += len(sizes)
        self.truth.kept += sum(sizes)
        while at_most is not None and self._kept_blocks - self._kept[0][1] >= at_most:
            _, blocks, size = self._kept.popleft()
            self._kept_blocks -= blocks
            self.truth.kept -= size
        if declared:
            self._drive.retained(self.truth.kept)

    def release(self):
        """Gives back all that is kept."""
        self._kept.clear()
        self._kept_blocks = self.truth.kept = 0

    @contextlib.contextmanager
    def outside(self, name):
        """A stretch of work that is in no batch."""
        begin = self.truth.now()
        with self._drive.stage(name):
            yield
        self.truth.outside(name, begin)

    def wait(self, seconds):
        if seconds > 0:
            time.sleep(seconds)

    # The work

    def run(self):
        first = self.habits[0]
        self._each("before")
        operations, rounds = first.OPERATIONS, first.ROUNDS
        # Two operations share the items' time and count.
        items = self.program.items // rounds // len(operations)
        total, done = items * rounds * len(operations), 0
        for _ in range(rounds):
            for operation, share in operations:
                with self._drive.stage(operation):
                    done = self._batches(operation, share, done, items, total)
        self._each("after")
        if not first.CUT_OFF:
            self.wait(0.3)
        self.truth.end(total)

    def _batches(self, operation, share, done, items, total):
        stop = done + items
        while done < stop:
            count = min(self._drive.size(operation), stop - done)
            # The recorder sets the kernel's mark back as the batch begins.
            self.truth.look()
            begin = self.truth.now()
            with self._drive.batch(operation, count) as number:
                whole = self._batch(operation, share, done, count, total)
                self.truth.batch(number, operation, count, begin)
            done += count
            self._each("between", whole)
        return done

    def _batch(self, operation, share, start, count, total):
        whole = Part(operation, start / total, (start + count) / total, [], [])
        for first in range(start, start + count, self.program.part_items):
            last = min(first + self.program.part_items, start + count)
            self._part(whole, share, first, last, total)
        self._each("full", whole)
        _spin(self.program.batch_s)
        # The caller needs to know of the batch, not to hold its memory.
        whole.held.clear()
        return whole

    def _part(self, whole, share, first, last, total):
        part = Part(whole.operation, first / total, last / total, [self._size(item, share, total) for item in range(first, last)], whole.held)
        whole.sizes += part.sizes
        if self.habits[0].STREAMS:
            whole.held.clear()
        whole.held.append(self.memory.take(part.sizes))
        self._each("part", part)
        seconds = self.program.seconds * (last - first) / total
        _spin(seconds * self.program.cpu_share)
        self.wait(seconds * (1 - self.program.cpu_share))

    def _size(self, item, share, total):
        """Bytes of an item: it depends on the item alone, half to one and a half times the mean."""
        usual = self.program.item_kb * 1024 * share * (0.5 + (item * 2_654_435_761 % 4_096) / 4_096)
        for habit in self.habits:
            usual *= habit.scale(item / total)
        return int(usual)

    def _each(self, hook, *arguments):
        for habit in self.habits:
            getattr(habit, hook)(self, *arguments)


def _spin(seconds):
    """Takes processor time."""
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        sum(range(200))


def main():
    seed, settings, truth_path = int(sys.argv[1]), json.loads(sys.argv[2]), sys.argv[3]
    drawn = program(seed)
    drive = driver.make(settings)
    job = Job(drawn, drive, truth_path)
    job.run()
    drive.close()
    if job.habits[0].CUT_OFF:
        # Nothing is given back: the process is gone at its maximum.
        os._exit(0)


if __name__ == "__main__":
    main()
