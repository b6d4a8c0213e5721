"""A leak that begins in the later half of the work."""
from programs.patterns.leak import Leak


class LateLeak(Leak):
    TOTAL_MB = (100, 300)

    def __init__(self, draw, program):
        super().__init__(draw, program)
        self.begin = draw.uniform(0.5, 0.75)

    def share(self, done):
        return max(0.0, (done - self.begin) / (1 - self.begin))
