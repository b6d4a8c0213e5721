#!/usr/bin/env bash
# The manual page of ps calls DRS, as in `ps v`, the data resident set, "physical memory devoted to other than executable code".
# It is the address space, touched or not: a job that maps 2 GiB and uses none of it has 2068 MiB of it and an RSS of 13. nmon's
# ResData, beside ResSet in its file of samples, is of the same kind. Allocators, Java and Go reserve first and fill later.
# Seen with procps 4.0.2: RSS 13652 kB, DRS 2118135; nmon 16n (Debian 12): ResSet 13660, ResData 2105232.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
apt-get download --quiet=2 nmon 2> /dev/null || { echo "needs Debian's apt-get" >&2; exit 2; }
dpkg -x nmon_*.deb .
cat > job.py <<'PY'
import mmap, time
area = mmap.mmap(-1, 2 << 30, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
end = time.monotonic() + 10
while time.monotonic() < end:
    sum(range(10_000))
PY
python=$(python3 -c 'import sys; print(sys.executable)')
"$python" job.py & job=$!
sleep 2 && by_ps=$(ps --no-headers -o rss=,drs= -p "$job") && usr/bin/nmon -F samples.csv -t -s 1 -c 4 && sleep 6
wait "$job"
by_nmon=$(awk -F, -v job="$job" '$1 == "TOP" && $2 == "+PID" { for (i = 1; i <= NF; i++) at[$i] = i } $1 == "TOP" && $2 + 0 == job { line = $at["ResSet"] " " $at["ResData"] } END { print line }' samples.csv)
set -- $by_ps $by_nmon
echo "$(ps --version): RSS and DRS $1 and $2 kB; nmon: ResSet and ResData $3 and $4"
[ "$1" -lt 60000 ] && [ "$2" -gt 2000000 ] && [ "$3" -lt 60000 ] && [ "$4" -gt 2000000 ]
