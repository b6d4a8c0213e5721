"""Answers of a survey fetched by many asyncio tasks at once from a (pretended) server. They wait in a queue until the coding scheme is
there, which is after seven tenths of the interviews; from then on four leave the queue for one that comes (no leak)."""
TOTAL, PATTERN, MEMORY, LEAK, CHURN = 6_000, "queue_drained_late", "asyncio", False, False


def run(job):
    import asyncio
    import json
    import random
    import sys

    loop, answers = asyncio.new_event_loop(), asyncio.Queue()
    coded = {}

    def body(number):
        rng = random.Random(number)
        words = [f"w{rng.randrange(9_000)}" for _ in range(130)]
        return json.dumps([{"question": f"q{k}", "score": rng.randrange(11), "text": " ".join(words[k:k + 45])} for k in range(85)])

    def size(parsed):
        # A number below 257 and a key are shared.
        return sys.getsizeof(parsed) + 72 + sum(sys.getsizeof(answer) + 64 + sys.getsizeof(answer["text"]) for answer in parsed)

    async def fetch(number, gate):
        async with gate:
            await asyncio.sleep(0.004 + number % 7 * 0.002)
            parsed = json.loads(body(number))
            await answers.put((number, parsed))
            job.kept(size(parsed))

    async def code(count):
        for _ in range(min(count, answers.qsize())):
            number, parsed = await answers.get()
            job.kept(-size(parsed))
            coded[number % 400] = coded.get(number % 400, 0) + sum(answer["score"] for answer in parsed if "w77" in answer["text"])

    async def both(start, n):
        gate = asyncio.Semaphore(24)
        await asyncio.gather(*(fetch(number, gate) for number in range(start, start + n)))
        if start + n > TOTAL * 0.7:
            await code(4 * n)

    def work(start, n):
        loop.run_until_complete(both(start, n))

    with job.stage("interviews"):
        job.batches("interviews", 0, TOTAL, work)
    with job.outside("rest"):
        loop.run_until_complete(code(TOTAL))
    assert len(coded) == 400
    loop.close()
