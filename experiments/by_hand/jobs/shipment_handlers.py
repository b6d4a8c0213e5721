"""Shipments that follow their positions through an event bus: each tracker subscribes and nobody ever unsubscribes it
(a leak). The distances of a batch are computed in bulk."""
TOTAL, PATTERN, MEMORY, LEAK, CHURN = 7_000, "handlers_left", "numpy", True, False


def run(job):
    from collections import defaultdict

    import numpy as np

    class Bus:
        def __init__(self):
            self.handlers = defaultdict(list)

        def subscribe(self, topic, handler):
            self.handlers[topic].append(handler)

        def publish(self, topic, payload):
            for handler in self.handlers.get(topic, ()):
                handler(payload)

    class Tracker:
        def __init__(self, number, route):
            self.number, self.route, self.seen = number, route, 0

        def moved(self, position):
            self.seen += int(abs(self.route - position).argmin())

    bus, depots = Bus(), np.random.default_rng(1).random((60, 2)) * 100

    def work(start, n):
        rng = np.random.default_rng(start)
        routes = np.cumsum(rng.standard_normal((n, 260, 2)), axis=1) + 50
        legs = np.sqrt(((routes[:, ::2, None, :] - depots[None, None, :, :]) ** 2).sum(axis=3))
        job.wait(0.0006 * n)
        nearest = legs.argmin(axis=2)
        for k in range(n):
            tracker = Tracker(start + k, np.hypot(routes[k, :, 0], routes[k, :, 1]) * 1.0)
            job.leaked(tracker.route.nbytes * 5 + 500)
            tracker.history = np.repeat(tracker.route, 4)
            bus.subscribe(f"position/{start + k}", tracker.moved)
        for k in range(n):
            for position in nearest[k][::40]:
                bus.publish(f"position/{start + k}", float(position))

    with job.stage("tracking"):
        job.batches("tracking", 0, TOTAL, work)
