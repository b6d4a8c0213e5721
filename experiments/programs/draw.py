"""A program from a seed: what it does with memory, how much, for how long, from which allocator."""
import hashlib
import json
import random
from dataclasses import asdict, dataclass

from programs import memory, patterns

# Seconds of work at a batch size of 500, and how many of a hundred programs take that long.
LENGTHS = {"short": ((1.8, 3.4), 82), "medium": ((6.0, 10.0), 12), "long": ((40.0, 55.0), 6)}
# Programs of these seeds last so many seconds.
LASTING, LASTS = range(414, 435), (600.0, 720.0)
# Processor time as a share of the time that items take; programs of these seeds compute, all others wait.
COMPUTING, COMPUTES, WAITS = range(393, 414), (0.6, 1.0), (0.03, 0.25)
# Of a program that takes longer, a smaller share.
WAITS_MORE = {"long": 4, "lasting": 16}


@dataclass(frozen=True)
class Program:
    """All that tells one program from another; the same seed gives the same."""

    name: str
    seed: int
    pattern: str
    addition: str | None
    memory: str
    items: int
    item_kb: float
    seconds: float
    length: str
    # Of the time an item takes, what is processor time; the rest is waiting.
    cpu_share: float
    # Processor time that a batch takes whatever its size, in seconds.
    batch_s: float
    # Items whose memory is taken at once.
    part_items: int

    @property
    def digest(self):
        """The hash that splits the programs into two parts."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()

    @property
    def module(self):
        """What Python runs."""
        return ("programs.job", str(self.seed))

    def habits(self):
        """Its patterns, the one it is named after first, with the numbers of this program."""
        draw = random.Random(f"habits {self.seed}")
        return [patterns.make(name, draw, self) for name in (self.pattern, self.addition) if name]


def program(seed):
    """The program of a seed, a number from 0 on."""
    draw = random.Random(f"program {seed}")
    pattern = patterns.NAMES[seed % len(patterns.NAMES)]
    kind = draw.choice(patterns.kind(pattern).MEMORY)
    addition = draw.choice(patterns.ADDITIONS) if draw.random() < 0.3 else None
    length = draw.choices(list(LENGTHS), [share for _, share in LENGTHS.values()])[0]
    length = "lasting" if seed in LASTING else length
    seconds = LASTS if length == "lasting" else LENGTHS[length][0]
    share, divisor = (COMPUTES, 1) if seed in COMPUTING else (WAITS, WAITS_MORE.get(length, 1))
    weight = memory.WEIGHT.get(kind, 1.0)
    return Program(
        name=f"{pattern}_{seed:03d}", seed=seed, pattern=pattern, addition=None if addition == pattern else addition,
        memory=kind, items=draw.randrange(4_000, 9_001, 250) * (3 if length in WAITS_MORE else 1),
        item_kb=round(draw.uniform(100, 400) / weight, 1), seconds=round(draw.uniform(*seconds), 2), length=length,
        cpu_share=round(draw.uniform(*share) / divisor, 3), batch_s=round(draw.uniform(0.002, 0.02), 4),
        part_items=draw.choice((10, 25, 50)) * memory.PART.get(kind, 1))
