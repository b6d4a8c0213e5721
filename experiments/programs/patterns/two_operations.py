"""Two operations in turn whose items take different memory."""
from programs.patterns.pattern import Pattern


class TwoOperations(Pattern):
    OPERATIONS = (("events", 1.0), ("snapshot", 0.25))

    def __init__(self, draw, program):
        super().__init__(draw, program)
        self.ROUNDS = draw.randint(4, 8)
        self.OPERATIONS = (("events", 1.0), ("snapshot", draw.uniform(0.1, 0.5)))
