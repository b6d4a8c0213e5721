"""Items that become larger in the course of the work, as histories do."""
from programs.patterns.pattern import Pattern


class GrowingData(Pattern):
    def __init__(self, draw, program):
        super().__init__(draw, program)
        self.first = draw.uniform(0.3, 0.6)

    def scale(self, done):
        return self.first + (2 - 2 * self.first) * done
