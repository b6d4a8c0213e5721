"""Pages parsed by two worker processes that keep every page in a module-level history nobody reads (a leak in the children)."""
TOTAL, PATTERN, MEMORY, LEAK, CHURN, CHILDREN = 6_000, "leaky_workers", "children", True, False, True
HISTORY = []


def page(number):
    rows = "".join(f"<tr><td>{number}</td><td class='c{k % 5}'>cell {k * number % 7_919}</td><td>{k}</td></tr>" for k in range(36))
    return f"<html><body><h1>Page {number}</h1><table>{rows}</table></body></html>"


def parse(span):
    import sys

    from lxml import html

    start, n = span
    trees = [(number, html.fromstring(text)) for number, text in ((number, page(number)) for number in range(start, start + n))]
    cells = leaked = 0
    for number, tree in trees:
        texts = [cell.text for cell in tree.iter("td")]
        cells += len(texts)
        body = "|".join(texts) * 12
        HISTORY.append((number, body))
        leaked += sys.getsizeof(body) + 56 + 32
    return cells, leaked


def run(job):
    import multiprocessing

    pool = multiprocessing.get_context("fork").Pool(2)
    total = 0

    def work(start, n):
        nonlocal total
        half = max(1, n // 2)
        for cells, leaked in pool.map(parse, [(start, half), (start + half, n - half)] if n > 1 else [(start, 1)], chunksize=1):
            total += cells
            job.leaked(leaked)
        job.wait(0.0006 * n)

    with job.stage("parse"):
        job.batches("parse", 0, TOTAL, work)
    pool.close()
    pool.join()
