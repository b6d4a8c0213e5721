"""Memory that does not depend on the batch: a few items at a time."""
from programs.patterns.pattern import Pattern


class Steady(Pattern):
    STREAMS = True
