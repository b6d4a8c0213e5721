"""NumPy arrays, one an item."""
import numpy as np


class Memory:
    def take(self, sizes):
        return [np.full(max(1, size // 8), 1.5) for size in sizes]
