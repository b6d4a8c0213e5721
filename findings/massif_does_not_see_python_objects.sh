#!/usr/bin/env bash
# massif (valgrind 3.19.0) counts malloc. CPython maps the arenas of its small objects itself, so a list of
# 300,000 tuples, 29 MiB of resident memory, is a heap of 3 MB. --pages-as-heap=yes sees it, but
# adds every mapped page of the interpreter and its libraries.
# Seen with Python 3.11.2: mem_heap_B 3 MiB; as pages 55 MiB.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
command -v valgrind > /dev/null || { echo "needs valgrind: apt-get install valgrind" >&2; exit 2; }
python=$(command -v /usr/bin/python3)
echo 'kept = [(number, float(number)) for number in range(300_000)]' > job.py
highest() { awk -F= '/^mem_heap_B/ && $2 > most { most = $2 } END { print int(most / 1048576) }' "$1"; }
valgrind --tool=massif --massif-out-file=heap.out "$python" -S job.py 2> /dev/null
valgrind --tool=massif --pages-as-heap=yes --massif-out-file=pages.out "$python" -S job.py 2> /dev/null
echo "$(valgrind --version), $("$python" --version): heap $(highest heap.out) MiB, pages $(highest pages.out) MiB"
[ "$(highest heap.out)" -lt 10 ] && [ "$(highest pages.out)" -gt 40 ]
