"""Two operations in turn, of which the smaller one leaks."""
from programs.patterns.leak import Leak


class OperationLeak(Leak):
    TOTAL_MB = (80, 200)
    OPERATIONS = (("extract", 1.0), ("score", 0.3))
    OPERATION = "score"

    def __init__(self, draw, program):
        super().__init__(draw, program)
        self.ROUNDS = draw.randint(4, 8)

    def share(self, done):
        return done
