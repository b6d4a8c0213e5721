"""Plans of vehicles in polars, cached in a WeakKeyDictionary so that they go with their vehicle. But a plan refers to its vehicle, and what
a weak dictionary holds as a value keeps the key alive: nothing ever goes (a leak)."""
TOTAL, PATTERN, MEMORY, LEAK, CHURN = 5_000, "weak_keys_held_by_values", "polars", True, False
STOPS = 900


def run(job):
    import weakref

    import numpy as np
    import polars as pl

    class Vehicle:
        def __init__(self, number):
            self.number, self.depot = number, number % 40

    class Plan:
        def __init__(self, vehicle, stops):
            self.vehicle, self.stops = vehicle, stops

        def load(self):
            return float(self.stops["weight"].sum()) + self.vehicle.depot

    plans, loads = weakref.WeakKeyDictionary(), np.zeros(40)

    def work(start, n):
        rng = np.random.default_rng(start)
        rows = n * STOPS
        tour = pl.DataFrame({"vehicle": np.repeat(np.arange(start, start + n), STOPS), "x": rng.random(rows) * 100, "y": rng.random(rows) * 100,
                             "weight": rng.gamma(2.0, 30.0, rows), "open": rng.integers(0, 86_400, rows).astype(np.int32)})
        legs = tour.sort("vehicle", "open").with_columns(
            leg=((pl.col("x").diff() ** 2 + pl.col("y").diff() ** 2).sqrt()).over("vehicle").fill_null(0.0))
        job.wait(0.0011 * n)
        short = legs.filter(pl.col("weight") > 18.0).select("vehicle", "weight", "leg", "open").partition_by("vehicle", maintain_order=True)
        vehicles = [Vehicle(number) for number in range(start, start + n)]
        for vehicle, stops in zip(vehicles, short, strict=True):
            plans[vehicle] = Plan(vehicle, stops)
            loads[vehicle.depot] += plans[vehicle].load()
            job.leaked(int(stops.estimated_size()) + 1_400)

    with job.stage("plan"):
        job.batches("plan", 0, TOTAL, work)
    assert loads.all()
