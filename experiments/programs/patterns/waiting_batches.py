"""Batches that wait for an answer: a fixed time each, which larger batches have less of."""
from programs.patterns.pattern import Pattern


class WaitingBatches(Pattern):
    def __init__(self, draw, program):
        super().__init__(draw, program)
        self.wait_s = draw.uniform(0.04, 0.15)

    def full(self, job, part):
        job.wait(self.wait_s)
