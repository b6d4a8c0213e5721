"""The closed loop of a trace under many configs: `python with_replay.py numpy|numba PROBLEM.json`.

A batch rises in ten steps from the floor to its peak; a look a second sees it; thresholds give the next size.
NumPy loops over looks with all configs in one array; Numba compiles the loop of one config.
"""

import json
import sys
import time

import numpy as np
from numba import njit

PARTS = 10
SHAPE = (np.arange(PARTS) + 0.5) / PARTS


def with_numpy(held, cell, items, need, pace, thresholds, sizes):
    count = len(sizes)
    moderate, high, critical, fallback = thresholds.T
    rows = np.arange(count)
    level = np.full(count, 2)
    changes = np.zeros(count, dtype=np.int64)
    done, begin, end, peak, base, size = (np.zeros(count) for _ in range(6))
    top = np.zeros(count)
    now = 0.0
    fresh = np.ones(count, dtype=bool)
    while True:
        # Batches that begin before this look.
        while fresh.any():
            asked = np.minimum(sizes[rows, level], items - done)
            base = np.where(fresh, held[np.minimum(done / cell, len(held) - 1).astype(np.int64)], base)
            size = np.where(fresh, asked, size)
            peak = np.where(fresh, base + need * size, peak)
            top = np.maximum(top, peak)
            begin = np.where(fresh, end, begin)
            end = np.where(fresh, begin + size / pace, end)
            done = np.where(fresh, done + size, done)
            fresh = (end <= now) & (done < items)
        active = end > now
        if not active.any():
            return changes, top
        part = np.clip((now - begin) / (end - begin) * PARTS, 0, PARTS - 1).astype(np.int64)
        rss = base + SHAPE[part] * (peak - base)
        strict = np.where(rss >= fallback, 0, 1)
        wanted = np.where(rss >= critical, strict, np.where(rss >= high, 1, np.where(rss >= moderate, 2, 3)))
        wanted = np.where(active, wanted, level)
        changes += wanted != level
        level = wanted
        now += 1.0
        fresh = (end <= now) & (done < items)


@njit
def one_config(held, cell, items, need, pace, thresholds, sizes):
    moderate, high, critical, fallback = thresholds
    level, changes, top = 2, 0, 0.0
    done, begin, look = 0.0, 0.0, 0.0
    while done < items:
        base = held[min(int(done / cell), len(held) - 1)]
        size = min(sizes[level], items - done)
        peak = base + need * size
        top = max(top, peak)
        end = begin + size / pace
        while look < end:
            part = min(int((look - begin) / (end - begin) * PARTS), PARTS - 1)
            rss = base + (part + 0.5) / PARTS * (peak - base)
            if rss >= critical:
                wanted = 0 if rss >= fallback else 1
            elif rss >= high:
                wanted = 1
            elif rss >= moderate:
                wanted = 2
            else:
                wanted = 3
            changes += wanted != level
            level = wanted
            look += 1.0
        begin = end
        done += size
    return changes, top


@njit
def with_numba(held, cell, items, need, pace, thresholds, sizes):
    count = len(sizes)
    changes, tops = np.zeros(count, dtype=np.int64), np.zeros(count)
    for i in range(count):
        changes[i], tops[i] = one_config(held, cell, items, need, pace, thresholds[i], sizes[i])
    return changes, tops


def main():
    way = {"numpy": with_numpy, "numba": with_numba}[sys.argv[1]]
    with open(sys.argv[2], encoding="ascii") as file:
        problem = json.load(file)
    held = np.array(problem["held"])
    thresholds = np.array([config["thresholds"] for config in problem["configs"]])
    sizes = np.array([config["sizes"] for config in problem["configs"]], dtype=float)
    fixed = (float(problem["cell"]), float(problem["items"]), problem["need"], float(problem["items_per_second"]))
    way(held, *fixed, thresholds[:1], sizes[:1])
    started = time.process_time()
    changes, tops = way(held, *fixed, thresholds, sizes)
    seconds = time.process_time() - started
    print(json.dumps({"seconds": seconds, "changes": float(changes.mean()), "peak": float(tops.mean())}))


if __name__ == "__main__":
    main()
