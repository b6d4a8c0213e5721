"""Documents scored by a pool of two worker processes, each with its own model and a bounded cache of vectors; what a
worker holds for a batch is freed when the answer is back."""
TOTAL, PATTERN, MEMORY, LEAK, CHURN, CHILDREN = 6_000, "pool_of_workers", "children", False, False, True
MODEL = {}


def setup():
    import functools

    import numpy as np

    rng = np.random.default_rng(9)
    MODEL["weights"] = rng.standard_normal((60_000, 96), dtype=np.float32)
    MODEL["vector"] = functools.lru_cache(maxsize=400)(lambda word: MODEL["weights"][word] * 1.5)


def score(span):
    import numpy as np

    start, n = span
    rng = np.random.default_rng(start)
    words = rng.integers(0, 60_000, (n, 300))
    vectors = MODEL["weights"][words]
    for word in words[0]:
        MODEL["vector"](int(word))
    centred = vectors - vectors.mean(axis=1, keepdims=True)
    return float(np.linalg.norm(centred, axis=2).sum())


def run(job):
    import multiprocessing

    pool = multiprocessing.get_context("fork").Pool(2, setup)
    total = 0.0

    def work(start, n):
        nonlocal total
        half = max(1, n // 2)
        total += sum(pool.map(score, [(start, half), (start + half, n - half)] if n > 1 else [(start, 1)], chunksize=1))
        job.wait(0.0006 * n)

    with job.stage("score"):
        job.batches("score", 0, TOTAL, work)
    pool.close()
    pool.join()
