"""A survey evaluation that keeps the result of every household until the end:
memory that grows because the work asks for it, not a leak."""
UNIT, LIMIT_MB, INTERVAL = "households", 380, 0.05
TOTAL = 45000
PATTERN = "results_accumulate"
PRELOAD = ("numpy", "pandas")
LEAK = False

ANSWERS = 1800


def run(job, seed):
    import numpy as np
    import pandas as pd

    from workloads._data import add, below

    results = []

    def work(start, items):
        answers = below(seed, start, items, ANSWERS, 1000)
        frame = pd.DataFrame({"household": np.repeat(np.arange(start, start + items), ANSWERS),
                              "question": np.tile(np.arange(ANSWERS) % 70, items), "value": answers.ravel()})
        means = frame.pivot_table(index="household", columns="question", values="value", aggfunc="sum")
        wide = np.repeat(means.to_numpy().astype(np.int64), 5, axis=1)
        for k in range(items):
            results.append(wide[k].copy())
            job.retained(results[-1].nbytes)

    with job.stage("evaluate"):
        job.run_batches(TOTAL, "evaluate", work)
    total = 0
    for number, result in enumerate(results):
        total = add(total, int(result.sum()) * (number + 1))
    return total
