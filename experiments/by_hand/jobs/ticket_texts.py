"""Tickets of a help desk into word counts. Two things are put by and never used: every ticket's rare words, interned, in a set (small and
steady), and now and then the sparse matrix of a chunk that looked odd (large, in steps). Two leaks of different speeds."""
TOTAL, PATTERN, MEMORY, LEAK, CHURN = 4_800, "two_leaks", "sklearn", True, False


def run(job):
    import random
    import sys

    with job.outside("load"):
        import numpy as np
        from sklearn.feature_extraction.text import HashingVectorizer

        words = [f"word{k}" for k in range(2_600)]
        vectorizer = HashingVectorizer(n_features=1 << 16, alternate_sign=False, norm=None, analyzer=str.split, dtype=np.float64)

    rare, odd, seen = set(), [], np.zeros(1 << 16)
    rest = []

    def text(number):
        rng = random.Random(number)
        first = rng.randrange(2_000)
        own = " ".join(f"ref-{number:06d}-{k}-{rng.randrange(1 << 40):011x}" for k in range(55))
        return " ".join(words[first:first + 240]) + " " + own

    def note(ticket):
        before = sys.getsizeof(rare)
        for word in ticket.rsplit(" ", 55)[1:]:
            word = sys.intern(word)
            rare.add(word)
            # Its place in Python's own table of interned strings is that of a dictionary.
            job.leaked(sys.getsizeof(word) + 40)
        job.leaked(sys.getsizeof(rare) - before)

    def work(start, n):
        tickets = [text(number) for number in range(start, start + n)]
        job.wait(0.0012 * n)
        for ticket in tickets:
            note(ticket)
        for number, ticket in enumerate(tickets, start):
            rest.append(ticket)
            if len(rest) == 300:
                matrix = vectorizer.transform(rest)
                rest.clear()
                seen[:] += np.asarray(matrix.sum(axis=0)).ravel()
                if number // 300 % 2:
                    dense = matrix.toarray()[:, ::16] - matrix.mean()
                    odd.append((number, matrix, dense))
                    job.leaked(matrix.data.nbytes + matrix.indices.nbytes + matrix.indptr.nbytes + dense.nbytes)

    with job.stage("vectorize"):
        job.batches("vectorize", 0, TOTAL, work)
    assert seen.sum() > 0
