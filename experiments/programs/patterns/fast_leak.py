"""A leak that soon outgrows the batches."""
from programs.patterns.leak import Leak


class FastLeak(Leak):
    TOTAL_MB = (180, 420)

    def share(self, done):
        return done
