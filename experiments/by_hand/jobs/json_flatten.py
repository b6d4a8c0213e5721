"""Device documents in JSON, flattened to rows: dictionaries and lists in great numbers, none in a cycle; the collector is
busy and finds nothing."""
TOTAL, PATTERN, MEMORY, LEAK, CHURN = 4_500, "busy_collector", "objects", False, False


def flatten(document, prefix, out):
    for key, value in document.items():
        if isinstance(value, dict):
            flatten(value, f"{prefix}{key}.", out)
        elif isinstance(value, list):
            for place, entry in enumerate(value):
                flatten(entry, f"{prefix}{key}.{place}.", out)
        else:
            out[prefix + key] = value


def run(job):
    import json

    templates = [json.dumps({"device": k, "site": {"name": f"site {k}", "geo": {"lat": k * 1.5, "lon": k * 2.5}},
                             "readings": [{"t": i, "value": i * k % 97 / 3, "unit": {"name": "kPa", "scale": 1}, "flags": {"ok": True, "low": False}} for i in range(100)]})
                 for k in range(50)]
    total = 0

    def work(start, n):
        nonlocal total
        documents = [json.loads(templates[number % 50]) for number in range(start, start + n)]
        rows = []
        for document in documents:
            row = {}
            flatten(document, "", row)
            rows.append(row)
        total += sum(len(row) for row in rows)
        job.wait(0.0006 * n)

    with job.stage("flatten"):
        job.batches("flatten", 0, TOTAL, work)
    assert total
