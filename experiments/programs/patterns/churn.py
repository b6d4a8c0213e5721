"""Objects in cycles in bulk: every batch becomes garbage that only the collector frees."""
from programs.patterns.pattern import Pattern


class Owner:
    def __init__(self, number):
        self.number = number
        self.events = [Event(self, kind) for kind in range(3)]


class Event:
    def __init__(self, owner, kind):
        self.owner, self.kind, self.text = owner, kind, "event %06d" % kind


class Churn(Pattern):
    CHURN = True

    def __init__(self, draw, program):
        super().__init__(draw, program)
        self.owners = draw.randint(30, 80)

    def part(self, job, part):
        part.held.append([Owner(number) for _ in part.sizes for number in range(self.owners)])
