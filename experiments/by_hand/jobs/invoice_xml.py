"""Invoices in XML: each is parsed with lxml and turned into rows of JSON. The address book is a memo without a bound,
and its keys contain the invoice number, so that no entry is ever found again (a leak)."""
TOTAL, PATTERN, MEMORY, LEAK, CHURN = 6_000, "unbounded_memo", "lxml", True, False
LINES = 20


def run(job):
    import functools
    import sys

    import orjson
    from lxml import etree

    @functools.lru_cache(maxsize=None)
    def party(number, text):
        fields = dict(part.split("=", 1) for part in text.split(";"))
        fields["profile"] = (text * 9).upper()
        job.leaked(sum(sys.getsizeof(value) for value in fields.values()) + sys.getsizeof(fields) + sys.getsizeof(text) + sys.getsizeof(number))
        return fields

    def document(number):
        lines = "".join(f'<line id="{k}" sku="S{(number * 31 + k * 7) % 9973}"><text>article {k} of invoice {number} {"delivered as agreed " * 30}</text>'
                        f"<quantity>{k % 7 + 1}</quantity><price>{(number * k) % 9_000 / 100 + 1}</price><tax>0.19</tax></line>" for k in range(LINES))
        seller = ";".join(f"field{k}=value {number * k % 100_003}" for k in range(28))
        return f'<invoice number="{number}"><seller>{seller}</seller><lines>{lines}</lines></invoice>'.encode()

    written = 0

    def work(start, n):
        nonlocal written
        trees = [etree.fromstring(document(number)) for number in range(start, start + n)]
        rows = []
        for tree in trees:
            seller = party(int(tree.get("number")), tree.findtext("seller"))
            for line in tree.iterfind("lines/line"):
                rows.append({"invoice": tree.get("number"), "sku": line.get("sku"), "text": line.findtext("text"), "seller": seller["field3"],
                             "total": float(line.findtext("price")) * int(line.findtext("quantity"))})
        written += len(orjson.dumps(rows))
        job.wait(0.0006 * n)

    with job.stage("invoices"):
        job.batches("invoices", 0, TOTAL, work)
    assert written
