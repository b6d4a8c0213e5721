"""Scores by segment: the model of a segment is trained when it first comes up, which is in the first quarter for all of
them, and stays in a dictionary (a cache that fills and is full)."""
TOTAL, PATTERN, MEMORY, LEAK, CHURN = 6_000, "warm_up", "sklearn", False, False
SEGMENTS, ROWS = 12, 60


def run(job):
    import numpy as np
    from sklearn.ensemble import ExtraTreesRegressor

    models = {}

    def model(segment):
        if segment not in models:
            rng = np.random.default_rng(segment)
            x = rng.standard_normal((4_000, 12))
            models[segment] = ExtraTreesRegressor(8, random_state=segment, n_jobs=1).fit(x, x[:, 0] * 2 + np.sin(x[:, 1]) + rng.standard_normal(4_000) * 0.1)
            states = [tree.tree_.__getstate__() for tree in models[segment].estimators_]
            job.kept(sum(state["nodes"].nbytes + state["values"].nbytes for state in states))
        return models[segment]

    def segment_of(number):
        return number * SEGMENTS // (TOTAL // 4) if number < TOTAL // 4 else number * 7 % SEGMENTS

    def work(start, n):
        rng = np.random.default_rng(start)
        rows = rng.standard_normal((n, ROWS, 12))
        scores = np.empty((n, ROWS))
        segments = np.array([segment_of(number) for number in range(start, start + n)])
        for segment in np.unique(segments):
            chosen = segments == segment
            scores[chosen] = model(int(segment)).predict(rows[chosen].reshape(-1, 12)).reshape(-1, ROWS)
        wide = rows * scores[:, :, None]
        ranked = np.argsort(wide, axis=1)
        assert ranked.shape == wide.shape

    with job.stage("score"):
        job.batches("score", 0, TOTAL, work)
