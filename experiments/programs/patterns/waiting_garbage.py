"""Arrays in reference cycles: few objects, many bytes, which wait for a collector that counts objects."""
from programs.patterns.pattern import Pattern


class Node:
    """An array and its view, which know each other."""

    def __init__(self, array):
        self.array = array
        self.views = [self]


class WaitingGarbage(Pattern):
    CHURN = True
    MEMORY = ("arrays", "buffers", "arrow")

    def __init__(self, draw, program):
        super().__init__(draw, program)
        self.share = draw.uniform(0.15, 0.4)
        self.records = draw.randint(10, 30)

    def part(self, job, part):
        sizes = [int(size * self.share) for size in part.sizes]
        job.truth.garbage += sum(sizes)
        for block in job.hold(sizes):
            node = Node(block)
            # Small containers of the batch are what the collector counts.
            node.views.append([(number, []) for number in range(self.records)])
