"""Few small survivors of every batch, an index of the last ones, keep the heap from shrinking."""
from collections import deque

from programs.patterns.pattern import Pattern


class PinnedHeap(Pattern):
    MEMORY = ("fragments",)

    def __init__(self, draw, program):
        super().__init__(draw, program)
        self.every = draw.randint(20, 60)
        self.index = deque(maxlen=draw.randint(4_000, 12_000))

    def full(self, job, part):
        for pieces in part.blocks():
            # A copy that stands in the heap between the pieces.
            self.index.extend(bytes(bytearray(piece[:600])) for piece in pieces[:: self.every])
