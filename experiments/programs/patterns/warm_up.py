"""A pool that fills, ever more slowly, over the first fifth of the work and stays."""
from programs.patterns.pattern import MIB, Pattern


class WarmUp(Pattern):
    BLOCK = 40_000

    def __init__(self, draw, program):
        super().__init__(draw, program)
        self.total_mb = draw.uniform(60, 220)
        self.until = draw.uniform(0.17, 0.25)
        self.slow_s = program.seconds * draw.uniform(0.05, 0.12)
        self.filled = 0.0

    def part(self, job, part):
        goal = self._goal(part.end)
        count = int((goal - self.filled) * MIB // self.BLOCK)
        if count > 0:
            job.keep([self.BLOCK] * count)
            self.filled += count * self.BLOCK / MIB
            job.wait(self.slow_s * count * self.BLOCK / MIB / self.total_mb)

    def _goal(self, done):
        """MiB in the pool at a share of the work."""
        left = max(0.0, 1 - done / self.until)
        return self.total_mb * (1 - left**2)
