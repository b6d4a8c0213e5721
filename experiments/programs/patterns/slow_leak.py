"""A leak that is small beside the saw of the batches."""
from programs.patterns.leak import Leak


class SlowLeak(Leak):
    TOTAL_MB = (25, 60)

    def share(self, done):
        return done
