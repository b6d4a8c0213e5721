"""Seeded numbers that depend on the item alone, never on the batch it came in."""
import numpy as np

_STEP = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)


def draws(seed, start, items, columns):
    """(items, columns) pseudo-random uint64: SplitMix64 of the seed and the position."""
    x = np.arange(start * columns, (start + items) * columns, dtype=np.uint64)
    with np.errstate(over="ignore"):
        x += np.uint64(seed) << np.uint64(24)
        x *= _STEP
        x ^= x >> np.uint64(30)
        x *= _MIX_1
        x ^= x >> np.uint64(27)
        x *= _MIX_2
        x ^= x >> np.uint64(31)
    return x.reshape(items, columns)


def below(seed, start, items, columns, bound):
    """(items, columns) int64 in [0, bound)."""
    return (draws(seed, start, items, columns) % np.uint64(bound)).astype(np.int64)


def add(total, value):
    """A running checksum modulo 2**61 - 1: the order of the parts does not matter."""
    return (total + int(value)) % ((1 << 61) - 1)
