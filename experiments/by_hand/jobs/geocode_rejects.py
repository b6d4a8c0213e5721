"""Points of trips located in zones with shapely. From 60 % of the trips on, the deliveries of a new source are rejected, and
the exceptions are collected: each keeps its traceback, that the frame of the batch and its arrays (a leak that starts late)."""
TOTAL, PATTERN, MEMORY, LEAK, CHURN = 6_000, "late_leak", "shapely", True, False
POINTS = 100


class Rejected(ValueError):
    pass


def run(job):
    import numpy as np
    import shapely

    rng = np.random.default_rng(4)
    centres = rng.random((500, 2)) * 100
    tree = shapely.STRtree([shapely.Point(*centre).buffer(3.0, 8) for centre in centres])
    failures = []

    def zones(points):
        shapes = shapely.points(points.reshape(-1, 2))
        found, _ = tree.query(shapes, predicate="within")
        return np.bincount(found // POINTS, minlength=len(points))

    def check(number, hits):
        if number >= TOTAL * 0.6 and number % 20 == 7:
            raise Rejected(f"trip {number}: {hits} zones, source v2 is not known")

    def work(start, n):
        rng = np.random.default_rng(start)
        points = rng.random((n, POINTS, 2)) * 100
        features = np.repeat(points, 20, axis=2)
        hits, before = zones(points), len(failures)
        for k in range(n):
            try:
                check(start + k, int(hits[k]))
            except Rejected as reason:
                failures.append(reason)
        job.wait(0.0006 * n)
        if len(failures) > before:
            job.leaked(points.nbytes + features.nbytes + hits.nbytes)

    with job.stage("geocode"):
        job.batches("geocode", 0, TOTAL, work)
