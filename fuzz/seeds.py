"""Writes a corpus for the targets that read text, from the project's own fixtures: `python seeds.py FOLDER`."""
import gzip
import hashlib
import json
import sys
from pathlib import Path

FIXTURES = Path(__file__).parent.parent / "fixtures"
# A longer file teaches a fuzzer no more, and makes each execution slower.
LONGEST = 1024
# A document of nested lists is whole or nothing: so many entries of each list stay.
ENTRIES = 2

# Not given by a number, so that the reader that claims a file reads it.
CLAIMED = b"\xff"
# One change: the count of changes, a setting and its value.
CHANGES = [bytes([0, setting, value, 1]) for setting, value in [(3, 8), (8, 100), (26, 3)]]
MANIFESTS = [
    "services:\n  db:\n    mem_limit: 512m # kept\n  worker:\n    deploy:\n      resources:\n        limits:\n          memory: 1G\n",
    "kind: Pod\nspec:\n  containers:\n  - name: worker\n    resources:\n      requests: {memory: 256Mi}\n      limits:\n        memory: \"1Gi\"\n"
    "---\nkind: Service\n",
]
MAPPING = b"time=timestamp,rss=rss_mb:MiB,operation=operation\n"
BASELINE = """{"schema":"memtool.baseline/1","jobs":[]}"""


def files(folder, *patterns):
    """The beginnings of files, whole lines where they have lines."""
    for pattern in patterns:
        for path in sorted((FIXTURES / folder).rglob(pattern)):
            if path.is_file() and not path.name.endswith(".truth.json"):
                text = path.read_bytes()
                yield gzip.decompress(text) if path.suffix == ".gz" and path.stem.find("good") >= 0 else text


def with_few_entries(value):
    if isinstance(value, dict):
        return {key: with_few_entries(inner) for key, inner in value.items()}
    return [with_few_entries(inner) for inner in value[:ENTRIES]] if isinstance(value, list) else value


def short(text):
    if len(text) <= LONGEST:
        return text
    try:
        return json.dumps(with_few_entries(json.loads(text))).encode()
    except ValueError:
        cut = text[:LONGEST]
        return cut[: cut.rfind(b"\n") + 1] or cut


def stream(text):
    """A stream under the default settings, so that it is not mostly header."""
    first, end, rest = text.partition(b"\n")
    try:
        header = json.loads(first)
    except ValueError:
        return short(text)
    return short(json.dumps({**header, "config": {}}).encode() + end + rest) if isinstance(header, dict) else short(text)


def profiles(text):
    """A profile with the first few rows of its history."""
    rows = text.split(b'"history"', 1)
    if len(text) <= LONGEST or len(rows) < 2:
        return text[: 2 * LONGEST]
    head, history = rows
    end = history.find(b"}", 700)
    return head + b'"history"' + history[: end + 1] + b"]}"


def seeds():
    streams = [*files("recorded", "*.ndjson"), *files("broken", "*.ndjson"), *files("runs", "*.ndjson")]
    yield from (("stream", stream(text)) for text in streams)
    yield from (("stream_line", line) for text in streams for line in stream(text).splitlines())
    yield from (("profile", profiles(text)) for text in [*files("runs", "*.json"), *files("broken", "*.json*")])
    foreign = [short(text) for text in files("foreign", "*/*")]
    yield from (("foreign", CLAIMED + text) for text in foreign)
    yield from (("columns", MAPPING + short(text)) for text in files("foreign", "*.csv", "*.jsonl"))
    yield from (("config", change + text) for text in files("configs", "*.yaml") for change in CHANGES)
    yield from (("manifest", text.encode()) for text in MANIFESTS)
    yield from (("packed", bytes(5) + short(text)) for text in [*map(stream, streams[:8]), *foreign[::9]])
    yield "baseline", BASELINE.encode()


def main():
    folder = Path(sys.argv[1])
    for target, seed in seeds():
        (folder / target).mkdir(parents=True, exist_ok=True)
        (folder / target / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)


main()
