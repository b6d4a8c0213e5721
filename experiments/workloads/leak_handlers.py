"""Mail campaign with a leak of small blocks: every recipient leaves a handler
with its context in a registry that nobody empties."""
UNIT, LIMIT_MB, INTERVAL = "recipients", 350, 0.05
TOTAL = 30000
PATTERN = "leak_small_blocks"
PRELOAD = ("re",)
LEAK = True

WORDS = 2400
HANDLERS = []


def run(job, seed):
    import sys

    vocabulary = [f"word{(seed + k * 48271) % 99991:05d}" for k in range(5000)]
    state = {"sum": 0}

    def handler(context):
        def on_reply(text):
            return context["name"] + text
        return on_reply

    def work(start, items):
        mails = []
        for i in range(start, start + items):
            first = (i * 31) % 2500
            text = " ".join(vocabulary[first:first + WORDS])
            mails.append((i, text, text.upper().split(" ")))
            context = {"name": f"recipient {i}", "words": text[:1500], "lists": [f"list {j} {i}" for j in range(60)]}
            HANDLERS.append(handler(context))
            job.leaked(sys.getsizeof(context) + sys.getsizeof(context["words"]) + sys.getsizeof(context["lists"])
                       + sum(map(sys.getsizeof, context["lists"])) + sys.getsizeof(context["name"]) + 200)
        for i, text, words in mails:
            value = len(text) + sum(map(len, words[::3])) + ord(words[i % len(words)][-1])
            state["sum"] = (state["sum"] + value * (i + 1)) % ((1 << 61) - 1)

    with job.stage("campaign"):
        job.run_batches(TOTAL, "campaign", work)
    return state["sum"]
