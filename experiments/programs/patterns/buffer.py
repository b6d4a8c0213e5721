"""Rows that wait in a buffer, which is written after every k-th batch."""
from programs.patterns.pattern import Pattern


class Buffer(Pattern):
    def __init__(self, draw, program):
        super().__init__(draw, program)
        self.batches = draw.randint(3, 8)
        self.share = draw.uniform(0.3, 0.7)
        self.waiting = 0

    def full(self, job, part):
        job.keep([int(size * self.share) for size in part.sizes])
        self.waiting += 1
        if self.waiting == self.batches:
            encoded = job.hold([sum(part.sizes) // 10] * 2)
            job.wait(0.02)
            job.release()
            self.waiting = 0
            del encoded

    def after(self, job):
        job.release()
