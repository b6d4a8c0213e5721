"""A leak that speeds up until the recording ends, at its maximum."""
from programs.patterns.accelerating_leak import AcceleratingLeak


class CutOffLeak(AcceleratingLeak):
    TOTAL_MB = (200, 400)
    CUT_OFF = True
