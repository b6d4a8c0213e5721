"""Four small jobs whose peak grows with a factor: `python jobs.py lists 1.0`."""

import json
import random
import sys
import threading


def lists(scale: float) -> object:
    """Many small objects."""
    return [[i, str(i)] for i in range(int(200_000 * scale))]


def buffers(scale: float) -> object:
    """Few large blocks."""
    return [bytearray(int((3 << 20) * scale)) for _ in range(20)]


def parse(scale: float) -> object:
    """A text and what it is read into, at once."""
    text = json.dumps([{"id": i, "name": f"n{i}", "tags": [1, 2, 3]} for i in range(int(60_000 * scale))])
    return json.loads(text)


def threads(scale: float) -> object:
    """Four threads whose needs meet in another way each time."""
    kept: list[list[float]] = []

    def work(seed: int) -> None:
        draw = random.Random(seed)
        for _ in range(6):
            block = [draw.random() for _ in range(int(60_000 * scale))]
            kept.append(sorted(block)[: int(20_000 * scale)])

    workers = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return kept


JOBS = {job.__name__: job for job in (lists, buffers, parse, threads)}

# The factor at which the peak of the whole process is about 5 % larger.
WORSE = {"lists": 1.0705, "buffers": 1.061, "parse": 1.081, "threads": 1.07}

if __name__ == "__main__":
    held = JOBS[sys.argv[1]](float(sys.argv[2]))
