"""Two parts of the programs: A to choose on, B only to report."""


def split(programs):
    """{name: "A" or "B"}: the programs of a pattern alternate in the order of their hashes.

    So both parts have every pattern that has two programs, and no look at what a program does decides.
    """
    parts = {}
    for place, pattern in enumerate(sorted({program.pattern for program in programs})):
        ranked = sorted((p for p in programs if p.pattern == pattern), key=lambda p: p.digest)
        parts |= {program.name: "AB"[(rank + place) % 2] for rank, program in enumerate(ranked)}
    return parts
