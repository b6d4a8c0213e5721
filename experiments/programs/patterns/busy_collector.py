"""Containers without cycles in such numbers that the collector runs all the time and finds nothing."""
from programs.patterns.pattern import Pattern


class BusyCollector(Pattern):
    def __init__(self, draw, program):
        super().__init__(draw, program)
        self.records = draw.randint(60, 160)

    def part(self, job, part):
        part.held.append([[{"row": number}, [number]] for _ in part.sizes for number in range(self.records)])
