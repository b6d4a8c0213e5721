#!/usr/bin/env bash
# The kernel calls a page shared where it is mapped more than once, be it twice by one process: a ring buffer, a file that two libraries of it
# map, a heap at two addresses. Such a process has a resident set of twice its memory, and a unique set, "what would be free
# if it ended", of nothing: 200 MiB that nobody else has are no part of psutil's uss nor smem's USS. PSS is right.
# Seen on Linux 6.18, psutil 7.2.2: rss 411 MiB, pss 206, uss 6; mapped once 210, 206, 206.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
uname -sr
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check psutil==7.2.2
venv/bin/python - <<'PY'
import mmap, os, psutil
def figures():
    full = psutil.Process().memory_full_info()
    return [getattr(full, name) >> 20 for name in ("rss", "pss", "uss")]
size = 200 << 20
file = os.memfd_create("ring")
os.ftruncate(file, size)
first, second = mmap.mmap(file, size), mmap.mmap(file, size)
for page in range(0, size, 4096):
    first[page] = 1
once = figures()
for page in range(0, size, 4096):
    second[page]
twice = figures()
print(f"200 MiB of one process, rss, pss, uss in MiB: at one address {once}, at two {twice}")
raise SystemExit(not (once[2] > 195 and twice[0] > 395 and twice[1] < 230 and twice[2] < 30))
PY
