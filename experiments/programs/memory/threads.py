"""Byte strings made by four threads, so in several arenas of the C heap."""
from concurrent.futures import ThreadPoolExecutor

_THREADS = 4
_PIECE = 24_000


class Memory:
    def __init__(self):
        self._pool = ThreadPoolExecutor(_THREADS)

    def take(self, sizes):
        return list(self._pool.map(_pieces, sizes))

    def close(self):
        self._pool.shutdown()


def _pieces(size):
    return [bytearray(b"x") * min(_PIECE, size - start) for start in range(0, size, _PIECE)]
