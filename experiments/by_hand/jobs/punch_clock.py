"""Quarter minutes of presence from punch clocks, as large arrays that come and go, some batches with eight times as many sites as others (a long saw).
Digests of the punches go to a dictionary that should find duplicates but is never asked (a slow leak below it)."""
TOTAL, PATTERN, MEMORY, LEAK, CHURN, LENGTH = 6_000, "slow_leak_below_long_saw", "numpy", True, False, "long"
SITES = (8, 2, 3, 7, 5, 1, 8, 4, 2, 6)


def run(job):
    import hashlib
    import sys

    import numpy as np

    digests, hours = {}, []

    def put_by(number, pay):
        before = sys.getsizeof(digests)
        for day in range(72):
            digest = hashlib.sha1(pay[day::72].tobytes() + bytes([day])).digest()
            digests[digest] = number
            # The allocator rounds 53 bytes to 64.
            job.leaked(64)
        job.leaked(32 + sys.getsizeof(digests) - before)

    def work(start, n):
        rng = np.random.default_rng(start)
        sites = SITES[start // 500 % len(SITES)]
        shares = 0.25 + 0.05 * np.arange(sites, dtype=np.float32)
        present = rng.random((n, 5_760), dtype=np.float32) < shares[:, None, None]
        weights = np.where(present, np.float32(1.25), np.float32(0.5))
        job.wait(0.0032 * n)
        rates = weights * (1.0 + 0.1 * shares)[:, None, None]
        late = rates > 1.3
        paid = weights + rates
        paid[late] *= 1.5
        job.wait(0.0032 * n)
        hours.append((float(paid.sum()) / 240, int(late.sum())))
        del rates, late, weights
        for k in range(n):
            put_by(start + k, paid[0, k])
        del paid, present
        job.wait(0.0032 * n)

    with job.stage("punches"):
        job.batches("punches", 0, TOTAL, work)
    assert len(hours)
