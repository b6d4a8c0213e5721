"""Six years of a headcount plan: batches of positions are changed month by month, and at each year's end the whole plan is pickled into memory, declared
as kept. The snapshots are compared with each other at the end. It waits for a (pretended) approval."""
TOTAL, PATTERN, MEMORY, LEAK, CHURN, LENGTH = 21_000, "pickled_snapshots", "objects", False, False, "long"
YEARS, POSITIONS = 6, 3_500


def run(job):
    import pickle
    import random

    class Position:
        def __init__(self, number):
            self.number, self.unit, self.filled = number, f"unit-{number % 120:03d}", True
            self.months = [3_000.0 + number % 700] * 12
            self.history = b""

    with job.outside("load"):
        plan = [Position(number) for number in range(POSITIONS)]
        job.wait(4.0)

    snapshots = []

    def change(year):
        def work(start, n):
            rng = random.Random(start)
            first = start - year * POSITIONS
            variants = []
            for position in plan[first:first + n]:
                budgets = [[pay * rng.uniform(0.97, 1.06) for pay in position.months] for _ in range(24)]
                variants.append((position, budgets))
            job.wait(0.0016 * n)
            for position, budgets in variants:
                position.months = min(budgets, key=sum) if rng.random() < 0.4 else budgets[0]
                position.filled = rng.random() > 0.06
                # A note of fixed length replaces the one of last year.
                job.kept(9_000 - len(position.history))
                position.history = rng.randbytes(9_000)
            job.wait(0.0016 * n)
        return work

    for year in range(YEARS):
        with job.stage(f"year_{2027 + year}"):
            job.batches("change", year * POSITIONS, POSITIONS, change(year))
        with job.outside("snapshot"):
            snapshots.append(pickle.dumps([vars(position) for position in plan], protocol=5))
            job.kept(len(snapshots[-1]), declared=True)
    with job.outside("compare"):
        before = None
        for number, snapshot in enumerate(snapshots):
            costs = {fields["number"]: sum(fields["months"]) for fields in pickle.loads(snapshot)}
            moved = sum(abs(cost - before[key]) for key, cost in costs.items()) if before else 0.0
            with open("moves.csv", "a", encoding="utf-8") as file:
                file.write(f"{2027 + number},{moved:.2f}\n")
            before = costs
        job.wait(0.6)
