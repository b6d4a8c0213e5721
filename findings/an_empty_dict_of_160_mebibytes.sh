#!/usr/bin/env bash
# Python's dicts and sets never shrink when something is taken out of them. A cache of five million entries, emptied by del, pop or popitem, has a
# length of 0 and a table of 160 MiB, for as long as it lives; an OrderedDict has 224, a set 128. What looks at lengths sees
# an empty cache. clear() gives the table back, as does a copy.
# Seen with Python 3.11.7.
set -euo pipefail
python3 - <<'PY'
import collections, platform, sys
entries = 5_000_000
def emptied(container, take):
    for number in range(entries):
        take(container, number)
    return len(container), sys.getsizeof(container) >> 20
cache = dict.fromkeys(range(entries))
left = emptied(cache, dict.pop)
copied = sys.getsizeof(cache.copy()) >> 20
cache.clear()
cleared = sys.getsizeof(cache) >> 20
ordered = emptied(collections.OrderedDict.fromkeys(range(entries)), collections.OrderedDict.pop)
marks = emptied(set(range(entries)), set.discard)
print(f"Python {platform.python_version()}, entries and MiB after {entries} were taken out: dict {left}, OrderedDict {ordered}, set {marks}; copied {copied}, cleared {cleared}")
raise SystemExit(not (left[0] == ordered[0] == marks[0] == 0 and min(left[1], ordered[1], marks[1]) >= 100 and copied == cleared == 0))
PY
