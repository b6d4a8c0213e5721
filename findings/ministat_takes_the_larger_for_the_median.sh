#!/usr/bin/env bash
# ministat is FreeBSD's tool for benchmarks of a few runs. Of an even number it gives the upper of the two in the middle as the
# median, not the value between them as other statistics do: of four runs of 100, 100, 800 and 900 MB it is 800, not 450. Its page
# does not name the choice.
# Seen with Debian's ministat 20150715-1+b1.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
apt-get download --quiet=2 ministat 2> /dev/null || { echo "needs Debian's apt-get" >&2; exit 2; }
dpkg-deb --extract ministat_*.deb .
printf '%s\n' 100 100 800 900 > sizes.txt
median=$(usr/bin/ministat -n sizes.txt | awk '$1 == "x" && $2 == 4 { print $5 }')
usual=$(python3 -c 'import statistics; print(statistics.median(map(int, open("sizes.txt"))))')
echo "median of 100, 100, 800 and 900: ministat $median, Python's statistics $usual"
[ "$median" = 800 ] && [ "$usual" = 450.0 ]
