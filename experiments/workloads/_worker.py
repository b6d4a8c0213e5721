"""The child of child_process.py: gets `start items` a line, answers with a sum."""
import sys

import numpy as np

from _data import below

POINTS = 20_000


def score(seed, start, items):
    matrix = below(seed, start, items, 8, 30_011).repeat(POINTS // 8, axis=1)
    matrix *= np.arange(1, POINTS + 1, dtype=np.int64) % 101
    ranks = matrix % 997
    ranks += matrix >> 3
    return int((ranks.max(axis=1) * (np.arange(start, start + items) + 1)).sum()) + int(ranks[:, ::5].sum())


for line in sys.stdin:
    seed, start, items = map(int, line.split())
    print(score(seed, start, items), flush=True)
