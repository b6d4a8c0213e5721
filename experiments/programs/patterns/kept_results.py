"""Results kept to the end, joined after the last batch, written and released."""
from programs.patterns.pattern import MIB, Pattern


class KeptResults(Pattern):
    BLOCK = 60_000

    def __init__(self, draw, program):
        super().__init__(draw, program)
        self.total_mb = draw.uniform(80, 240)
        self.declared = draw.random() < 0.5
        self.owed = 0.0

    def full(self, job, part):
        self.owed += (part.end - part.begin) * self.total_mb * MIB
        count = int(self.owed // self.BLOCK)
        if count:
            job.keep([self.BLOCK] * count, declared=self.declared)
            self.owed -= count * self.BLOCK

    def after(self, job):
        with job.outside("join"):
            joined = job.hold(self.even(self.total_mb, 8))
            job.wait(0.5)
            job.release()
            job.wait(0.3)
            del joined
