"""Byte strings of 0.6 to 3 KiB in the C heap, which small survivors keep from shrinking."""
_SIZES = (640, 1100, 2900, 800, 1700, 1300)


class Memory:
    def take(self, sizes):
        return [self._pieces(size) for size in sizes]

    def _pieces(self, size):
        pieces, number = [], 0
        while size > 0:
            length = _SIZES[number % len(_SIZES)]
            pieces.append(b"x" * length)
            size -= length
            number += 1
        return pieces
