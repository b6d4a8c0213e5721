"""Quotes for insurance tariffs: each customer asks for a dozen, drawn from many variants of which some are popular. Curves of premiums
stay in an lru_cache whose bound is reached after three quarters of the customers (no leak, a cache that fills slowly)."""
TOTAL, PATTERN, MEMORY, LEAK, CHURN = 3_600, "bound_reached_late", "objects", False, False
YEARS, BOUND = 240, 17_500


def run(job):
    import functools
    import random
    import sys

    @functools.lru_cache(maxsize=BOUND)
    def curve(region, age, amount):
        risk = 0.0004 * 1.09 ** (age / 4)
        return [round(amount * risk * (1 + region / 50) * 1.004 ** month, 4) for month in range(YEARS)]

    # The list, its numbers (the allocator rounds 24 bytes to 32), the key and the cache's own link.
    entry = sys.getsizeof(curve.__wrapped__(3, 40, 90_000)) + YEARS * 32 + 64 + 3 * 32 + 120
    sold = 0.0

    def work(start, n):
        nonlocal sold
        before, offers = curve.cache_info().currsize, []
        for number in range(start, start + n):
            rng = random.Random(number)
            for _ in range(12):
                popular = rng.random() < 0.45
                key = (rng.randrange(4), 30 + rng.randrange(20), 50_000) if popular else (rng.randrange(40), 18 + rng.randrange(60), 1_000 * rng.randrange(20, 400))
                premiums = curve(*key)
                offers.append({"customer": number, "key": key, "first": premiums[0], "total": sum(premiums[::12]), "letter": f"Dear customer {number}, " + "we offer " * 130})
        job.wait(0.0012 * n)
        best = {}
        for offer in offers:
            best[offer["customer"]] = min(offer["total"], best.get(offer["customer"], offer["total"]))
        sold += sum(best.values())
        job.kept((curve.cache_info().currsize - before) * entry)

    with job.stage("quotes"):
        job.batches("quotes", 0, TOTAL, work)
    assert sold
