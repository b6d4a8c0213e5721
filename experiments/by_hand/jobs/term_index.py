"""Texts of very different lengths are cut, normalised and joined; short snippets of the last 4000 stay in an index and keep
the heap from shrinking (bounded; no leak)."""
TOTAL, PATTERN, MEMORY, LEAK, CHURN = 6_000, "fragments", "objects", False, False


def run(job):
    import sys
    from collections import OrderedDict

    words = [f"term{k * 7919 % 10_007}" for k in range(4_000)]
    index = OrderedDict()

    def text_of(number):
        first = number * 31 % 3_700
        return " ".join(words[first:first + 40 + number % 260]) * (1 + (number * 2_654_435_761 >> 7) % 70)

    def work(start, n):
        texts, folded = [], []
        for number in range(start, start + n):
            text = text_of(number)
            texts.append(text)
            folded.append(text.upper().encode())
            snippet = text[: 500 + number % 1_500] * 2
            index[number] = snippet
            job.kept(sys.getsizeof(snippet) + 110)
            if len(index) > 4_000:
                _, old = index.popitem(last=False)
                job.kept(-sys.getsizeof(old) - 110)
        joined = [b"\n".join(folded[k:k + 20]) for k in range(0, n, 20)]
        job.wait(0.0004 * n)
        counts = {}
        for text in texts[::16]:
            for word in text.split():
                counts[word] = counts.get(word, 0) + 1
        assert joined and counts

    with job.stage("index"):
        job.batches("index", 0, TOTAL, work)
