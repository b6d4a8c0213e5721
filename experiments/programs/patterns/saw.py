"""Batches that take memory and give it back, and nothing else."""
from programs.patterns.pattern import Pattern


class Saw(Pattern):
    pass
