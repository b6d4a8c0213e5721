"""What all patterns share: hooks that a job calls, each of which does nothing by itself."""
from programs.memory import KINDS

MIB = 1 << 20


class Pattern:
    """A habit of a job. Hooks come in the order of the work."""

    LEAK = False
    CHURN = False
    # (name, share of an item's memory): worked through in turn, `ROUNDS` times.
    OPERATIONS = (("work", 1.0),)
    ROUNDS = 1
    # The kinds of memory that show it.
    MEMORY = KINDS
    # Whether a batch lets go of a part of its items before it takes the next.
    STREAMS = False
    # Whether the end of the job stops the work where memory is at its highest.
    CUT_OFF = False

    def __init__(self, draw, program):
        self.program = program

    def before(self, job):
        """Before the first batch."""

    def scale(self, done):
        """How many times its usual memory an item takes at this share of the work."""
        return 1.0

    def part(self, job, part):
        """After a part of a batch's items, whose memory and that of earlier parts is held."""

    def full(self, job, part):
        """At the end of a batch, while all of its memory is held; `part` is the whole batch."""

    def between(self, job, part):
        """After a batch, its memory given back."""

    def after(self, job):
        """After the last batch."""

    def even(self, total_mb, count):
        """`total_mb` in `count` blocks, as sizes in bytes."""
        return [int(total_mb * MIB / count)] * count
