#!/usr/bin/env bash
# psutil 7.2.2: heap_info() reads glibc's heap. CPython takes the memory of objects up to 512 bytes from
# arenas that it maps itself, so 260 MiB of tuples and floats leave heap_used where it was and
# mmap_used nearly so. A leak of small Python objects does not show in either.
# Seen with CPython 3.11.7: resident +261 MiB, heap_used +0, mmap_used +16.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check psutil==7.2.2
venv/bin/python - <<'PY'
import psutil, sys
def figures():
    heap = psutil.heap_info()
    return [count >> 20 for count in (psutil.Process().memory_info().rss, heap.heap_used, heap.mmap_used)]
before = figures()
kept = [(number, float(number)) for number in range(2_000_000)]
resident, heap, mapped = (after - first for after, first in zip(figures(), before))
print(f"psutil {psutil.__version__}, Python {sys.version.split()[0]}: resident +{resident} MiB, heap_used +{heap}, mmap_used +{mapped}")
raise SystemExit(not (resident > 150 and heap + mapped < 40))
PY
