#!/usr/bin/env bash
# A page of a mapped file that lies in the page cache is not mapped alone: the kernel maps the cached pages around it, 64 KiB
# at least, and counts them in RSS, PSS and RssFile. One byte read in each 64 KiB of a file of 256 MiB, 16 MiB of pages, makes
# 256 MiB resident. MADV_RANDOM, meant for such access, changes nothing of it.
# Seen on Linux 6.18: +256 MiB, with MADV_RANDOM too.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
uname -sr && head -c 256M /dev/urandom > data && cat data > /dev/null
python3 - <<'PY'
import mmap
def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096 >> 20
def grown(advice):
    with open("data", "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        mapped.madvise(advice)
        before = resident()
        for offset in range(0, len(mapped), 64 << 10):
            mapped[offset]
        return resident() - before
normal, random = grown(mmap.MADV_NORMAL), grown(mmap.MADV_RANDOM)
print(f"4096 bytes read: resident +{normal} MiB, with MADV_RANDOM +{random}")
raise SystemExit(not (normal > 200 and random > 200))
PY
