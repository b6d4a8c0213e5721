"""A data set loaded before the first batch, half as large again while it is read, and kept."""
from programs.patterns.pattern import Pattern


class Load(Pattern):
    def __init__(self, draw, program):
        super().__init__(draw, program)
        self.total_mb = draw.uniform(80, 260)
        self.seconds = program.seconds * draw.uniform(0.05, 0.2)

    def before(self, job):
        steps = 8
        with job.outside("load"):
            raw = []
            for _ in range(steps):
                raw.append(job.hold(self.even(self.total_mb / 2 / steps, 40)))
                job.keep(self.even(self.total_mb / steps, 40))
                job.wait(self.seconds / steps)
