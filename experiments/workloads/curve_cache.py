"""Pricing with a bounded cache: the curves of a product are computed at first
use and kept, at most so many. New products come during the first 40 % of the
run: its batches are slower and the memory rises; then the cache is full."""
UNIT, LIMIT_MB, INTERVAL = "contracts", 480, 0.05
TOTAL = 80000
PATTERN = "cache_warm_up"
PRELOAD = ("numpy",)
LEAK = False

PRODUCTS, KEPT, POINTS = 2600, 2500, 12_000


def run(job, seed):
    from collections import OrderedDict

    import numpy as np

    from workloads._data import add, below

    cache = OrderedDict()
    grid = np.arange(POINTS, dtype=np.int64)
    state = {"sum": 0}

    def curve(product):
        found = cache.get(product)
        if found is not None:
            cache.move_to_end(product)
            return found
        made = grid * (product + 17)
        for k in range(1, 10):
            made = (made * (2 * k + 1) + product) % 1_000_003
        cache[product] = made
        job.retained(made.nbytes)
        if len(cache) > KEPT:
            job.retained(-cache.popitem(last=False)[1].nbytes)
        return made

    def work(start, items):
        number = np.arange(start, start + items, dtype=np.int64)
        launched = np.minimum(200 + number * PRODUCTS * 5 // (TOTAL * 2), PRODUCTS)
        product = below(seed, start, items, 1, 1 << 40)[:, 0] % launched
        priced = np.empty((items, POINTS), dtype=np.int64)
        for k in range(items):
            priced[k] = curve(int(product[k]))
        weights = (number % 97 + 1)[:, None]
        priced *= weights
        state["sum"] = add(state["sum"], np.maximum(priced[:, 1:], priced[:, :-1]).sum())

    with job.stage("price"):
        job.run_batches(TOTAL, "price", work)
    return state["sum"]
