"""One wide step, such as a pivot, in the middle of the work and outside of its batches."""
from programs.patterns.pattern import Pattern


class WideStep(Pattern):
    def __init__(self, draw, program):
        super().__init__(draw, program)
        self.total_mb = program.item_kb * 1000 / 1024 * draw.uniform(0.6, 1.8)
        self.at = draw.uniform(0.4, 0.65)
        self.done = False

    def between(self, job, part):
        if self.done or part.end < self.at:
            return
        self.done = True
        with job.outside("pivot"):
            wide = job.hold(self.even(self.total_mb, 60))
            job.wait(0.4)
            del wide
