"""A text index that is rebuilt all the time: its live size is bounded, but its
entries lie between the short-lived strings of every batch, so the heap gets
holes and grows without a leak."""
UNIT, LIMIT_MB, INTERVAL = "texts", 260, 0.05
TOTAL = 70000
PATTERN = "fragmentation"
PRELOAD = ()
LEAK = False

PIECES, SLOTS = 90, 60_000


def run(job, seed):
    index = {}
    state = {"sum": 0, "live": 0}

    def work(start, items):
        drafts = []
        for i in range(start, start + items):
            size = 700 + (seed + i * 263) % 2600
            pieces = [bytes(size + 16 * (k % 40)) for k in range(PIECES)]
            drafts.append(pieces)
            for k in range(0, PIECES, 30):
                slot = (i * 3 + k // 30) * 7919 % SLOTS
                entry = bytes(520 + (i * 11 + k) % 1500)
                old = index.get(slot)
                index[slot] = entry
                job.retained(len(entry) - (len(old) if old else 0))
                state["sum"] = (state["sum"] + len(entry) * (slot + 1)) % ((1 << 61) - 1)
        for i, pieces in enumerate(drafts, start):
            state["sum"] = (state["sum"] + sum(map(len, pieces)) * (i + 1)) % ((1 << 61) - 1)

    with job.stage("index"):
        job.run_batches(TOTAL, "index", work)
    return state["sum"]
