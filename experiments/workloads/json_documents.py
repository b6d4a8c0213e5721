"""Shipping documents: JSON text parsed into plain dicts and lists, walked in
Python and dropped. No cycles: the memory returns by reference counting."""
UNIT, LIMIT_MB, INTERVAL = "documents", 220, 0.05
TOTAL = 5000
PATTERN = "object_graph_plain"
PRELOAD = ("json",)
LEAK = False

LINES = 400


def run(job, seed):
    import json
    import random

    random_ = random.Random(seed)
    texts = [json.dumps({"id": "@", "buyer": f"buyer {k}", "lines": [
        {"sku": f"{random_.randrange(10**9):09d}", "count": random_.randrange(1, 90), "cents": random_.randrange(99999),
         "tags": [f"t{random_.randrange(4000)}", f"t{random_.randrange(4000)}"], "site": {"row": j % 31, "bin": j % 7}}
        for j in range(LINES)]}) for k in range(24)]
    state = {"sum": 0}

    def work(start, items):
        documents = [json.loads(texts[i % 24].replace("@", str(i), 1)) for i in range(start, start + items)]
        for document in documents:
            value = sum(line["count"] * line["cents"] + line["site"]["row"] for line in document["lines"])
            state["sum"] = (state["sum"] + value * (int(document["id"]) + 1)) % ((1 << 61) - 1)

    with job.stage("parse"):
        job.run_batches(TOTAL, "parse", work)
    return state["sum"]
