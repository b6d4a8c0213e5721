#!/usr/bin/env bash
# With MIMALLOC_SHOW_STATS mimalloc prints its statistics at exit, among them what was touched and how many pages there are. In
# the build that Debian ships some are counted where memory is given back and not where it is taken: a job that held 300 MiB
# has touched 64 KiB at most and -413 MiB now. The rss in the last line, a peak, is right.
# Seen with mimalloc 2.0.9 (Debian 12): touched: peak 64.2 KiB, current -413.5 MiB; rss 314 MiB.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
apt-get download --quiet=2 libmimalloc2.0 2> /dev/null || { echo "needs Debian's apt-get" >&2; exit 2; }
dpkg -x libmimalloc2.0_*.deb .
cat > job.py <<'PY'
held = bytearray(b"x") * (300 << 20)
del held
held = bytearray(b"x") * (100 << 20)
PY
python=$(python3 -c 'import sys; print(sys.executable)')
MIMALLOC_SHOW_STATS=1 LD_PRELOAD=$(find "$here" -name libmimalloc.so.2) "$python" job.py 2> stats.txt
touched=$(sed -n 's/^ *touched: *//p' stats.txt | tail -n 1) rss=$(sed -n 's/.*rss: *\([0-9]*\)[.0-9]* MiB.*/\1/p' stats.txt | tail -n 1)
echo "$(ls libmimalloc*.deb): touched, as peak, total, freed, current: $touched; rss $rss MiB"
[ "$rss" -ge 300 ] && [[ $touched =~ \ -[0-9.]+\ MiB ]]
