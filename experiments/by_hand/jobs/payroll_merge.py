"""A payroll in three operations: bookings of employees are sorted into runs on the disk, the runs are merged by account with everything in
memory, and the accounts are written off one after the other. An item costs a tenth of the middle one in the last (no leak)."""
TOTAL, PATTERN, MEMORY, LEAK, CHURN = 7_500, "everything_in_the_middle", "objects", False, False
PART, BOOKINGS, RUNS = 2_500, 90, 5


def run(job):
    import heapq
    import pickle
    import random
    import sys

    chunks = [open(f"run_{k}.pickle", "w+b") for k in range(RUNS)]
    accounts = {}

    def spill(start, n):
        rng = random.Random(start)
        run = [(employee * 1_000 + k, 100 + rng.randrange(900_000), f"wage type {k} of {employee} for {2 + rng.randrange(10):02d}/2026, " + "as agreed in the contract, " * 9)
               for employee in range(start, start + n) for k in range(BOOKINGS)]
        for place, chunk in enumerate(chunks):
            for booking in sorted(run[place::RUNS]):
                pickle.dump(booking, chunk)
        job.wait(0.0006 * n)

    def read(chunk):
        chunk.seek(0)
        try:
            while True:
                yield pickle.load(chunk)
        except EOFError:
            return

    merged = None

    def size(booking):
        return sys.getsizeof(booking) + 2 * 32 + sys.getsizeof(booking[2]) + 16 + 8

    def merge(start, n):
        nonlocal merged
        merged = merged or heapq.merge(*(read(chunk) for chunk in chunks))
        for _ in range(n * BOOKINGS):
            booking = next(merged)
            accounts.setdefault(booking[1] % PART, []).append(booking)
            job.kept(size(booking))
        job.wait(0.0015 * n)

    def write(start, n):
        with open("payroll.csv", "a", encoding="utf-8") as file:
            for account in range(start - 2 * PART, start - 2 * PART + n):
                bookings = accounts.pop(account, [])
                file.writelines(f"{account};{cents};{text}\n" for _, cents, text in bookings)
                job.kept(-sum(size(booking) for booking in bookings))

    with job.stage("spill"):
        job.batches("spill", 0, PART, spill)
    for chunk in chunks:
        chunk.flush()
    with job.stage("merge"):
        job.batches("merge", PART, PART, merge)
    with job.stage("write"):
        job.batches("write", 2 * PART, PART, write)
    for chunk in chunks:
        chunk.close()
