"""One unit of a pool: holds some memory, and for a part of its time a peak of random height."""

import random
import sys
import time


def touch(mebibytes: float) -> bytearray:
    """Memory that the kernel has really given."""
    block = bytearray(int(mebibytes * 2**20))
    for place in range(0, len(block), 4096):
        block[place] = 1
    return block


def main() -> None:
    base_mb, peak_mb, spread_mb, seconds, share = map(float, sys.argv[1:6])
    began = time.monotonic()
    base = touch(base_mb)
    before = random.uniform(0.1, 0.9 - share) * seconds
    time.sleep(before)
    peak = touch(max(0.0, random.gauss(peak_mb, spread_mb)))
    time.sleep(share * seconds)
    del peak
    time.sleep(max(0.0, seconds - (time.monotonic() - began)))
    del base


main()
