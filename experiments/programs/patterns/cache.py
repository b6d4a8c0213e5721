"""A cache with a bound: it fills over a third to two thirds of the work, then replaces what is in it."""
from programs.patterns.pattern import MIB, Pattern


class Cache(Pattern):
    BLOCK = 48_000

    def __init__(self, draw, program):
        super().__init__(draw, program)
        self.blocks = int(draw.uniform(80, 260) * MIB / self.BLOCK)
        self.full_at = draw.uniform(0.35, 0.65)
        self.owed = 0.0

    def part(self, job, part):
        self.owed += (part.end - part.begin) / self.full_at * self.blocks
        count = int(self.owed)
        if count:
            self.owed -= count
            job.keep([self.BLOCK] * count, at_most=self.blocks)
