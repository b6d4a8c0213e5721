"""Payments checked in plain Python, with a logging handler that buffers its records until an error comes, which never does
(a slow leak of many small objects). It waits for a (pretended) bank."""
TOTAL, PATTERN, MEMORY, LEAK, CHURN, LENGTH = 24_000, "log_records_buffered", "objects", True, False, "long"


def run(job):
    import json
    import logging
    import logging.handlers
    import sys

    class Counting(logging.handlers.MemoryHandler):
        def emit(self, record):
            super().emit(record)
            fields = vars(record)
            job.leaked(sys.getsizeof(record) + sys.getsizeof(fields) + sys.getsizeof(record.args) + sum(sys.getsizeof(text) for text in record.args)
                       + sys.getsizeof(record.created) * 4)

    log = logging.getLogger("payments")
    log.setLevel(logging.DEBUG)
    log.propagate = False
    log.addHandler(Counting(10**9, flushLevel=logging.CRITICAL + 1, target=logging.FileHandler("payments.log")))
    total = 0

    def work(start, n):
        nonlocal total
        payments = []
        for number in range(start, start + n):
            entries = [{"iban": f"DE{number * 7919 % 10**9:020d}", "cents": number * k % 99_991, "text": f"entry {k} of payment {number} " + "." * 160, "checks": [k % 2, k % 3]}
                       for k in range(50)]
            payments.append((number, entries, json.dumps(entries[:40])))
        job.wait(0.0018 * n)
        for number, entries, text in payments:
            total += sum(entry["cents"] for entry in entries if entry["checks"][0])
            log.debug("payment %s: %s", f"{number:09d}", text[:1_500])
            log.debug("payment %s has %s", f"{number:09d}", f"{len(text)} characters and the sum {total}")
        job.wait(0.0018 * n)

    with job.stage("payments"):
        job.batches("payments", 0, TOTAL, work)
