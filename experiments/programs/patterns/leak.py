"""Memory that is kept and never used again; each kind of leak says when it happens."""
from programs.patterns.pattern import MIB, Pattern


class Leak(Pattern):
    LEAK = True
    # The MiB that a whole run leaks are drawn between these.
    TOTAL_MB = (60, 160)
    OPERATION = None

    def __init__(self, draw, program):
        super().__init__(draw, program)
        self.total_mb = draw.uniform(*self.TOTAL_MB)
        self.block = draw.choice((240, 2_000, 16_000, 120_000))
        self.owed = 0.0

    def share(self, done):
        """The part of the whole leak that has happened at this share of the work."""
        raise NotImplementedError

    def part(self, job, part):
        if self.OPERATION not in (None, part.operation):
            return
        self.owed += (self.share(part.end) - self.share(part.begin)) * self.total_mb * MIB
        count = int(self.owed // self.block)
        if count:
            job.leak([self.block] * count)
            self.owed -= count * self.block
