#!/usr/bin/env bash
# The unique set of a process is a part of its resident set. The kernel leaves huge pages that were reserved (hugetlbfs,
# MAP_HUGETLB, as databases and DPDK use them) out of RSS and PSS, "for historical reasons", and gives them as Private_Hugetlb;
# psutil adds up all fields that begin with Private. So USS is several times RSS, and a check of one by the other fails. smem,
# which adds fewer fields, has them in none of its columns.
# Seen with psutil 7.2.2, smem 1.5, Linux 6.18, 64 MiB of such pages: RSS 12 MiB, PSS 7, USS 70; smem 6 to 12.
set -euo pipefail
here=$(mktemp -d) && pages=/proc/sys/vm/nr_hugepages
{ [ -w "$pages" ] && [ "$(cat "$pages")" = 0 ]; } || { echo "needs root, and no huge pages in use" >&2; exit 2; }
trap 'rm -rf "$here"; echo 0 > "$pages"' EXIT && cd "$here"
command -v smem > /dev/null || { echo "needs smem: apt-get install smem" >&2; exit 2; }
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check psutil==7.2.2
echo 32 > "$pages"
[ "$(cat "$pages")" = 32 ] || { echo "needs 64 MiB of free memory in one piece" >&2; exit 2; }
venv/bin/python - <<'PY'
import mmap, os, subprocess
import psutil
MAP_HUGETLB = 0x40000
held = mmap.mmap(-1, 64 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | MAP_HUGETLB)
for offset in range(0, len(held), 4096):
    held[offset] = 1
memory = psutil.Process().memory_full_info()
rows = subprocess.run(["smem", "-H", "-c", "pid uss pss rss"], capture_output=True, text=True, check=True).stdout.splitlines()
smem = next([int(value) >> 10 for value in row.split()[1:]] for row in rows if row.split()[0] == str(os.getpid()))
print(f"psutil {psutil.__version__}: RSS {memory.rss >> 20} MiB, PSS {memory.pss >> 20}, USS {memory.uss >> 20}; smem's USS, PSS, RSS: {smem}")
raise SystemExit(not (memory.rss < 40 << 20 < 64 << 20 <= memory.uss and max(smem) < 40))
PY
