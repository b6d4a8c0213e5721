"""A leak that grows faster and faster."""
from programs.patterns.leak import Leak


class AcceleratingLeak(Leak):
    TOTAL_MB = (150, 350)

    def __init__(self, draw, program):
        super().__init__(draw, program)
        self.power = draw.uniform(2.0, 3.5)

    def share(self, done):
        return done**self.power
