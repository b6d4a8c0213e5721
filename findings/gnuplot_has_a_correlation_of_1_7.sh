#!/usr/bin/env bash
# gnuplot's `stats` gives slope and correlation of two columns. Over unix time it takes the difference of sums that are 10^20
# large: a size that rises by exactly 2 a second has a slope of 3.39 and a correlation of 1.695, where 1 is the largest there is.
# From the start of the recording on, the same samples have 2 and 1. The same command's spread of one column is right.
# Seen with Debian's gnuplot 5.4.4.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
apt-get download --quiet=2 gnuplot-nox liblua5.4-0 2> /dev/null || { echo "needs Debian's apt-get" >&2; exit 2; }
for package in *.deb; do dpkg-deb --extract "$package" .; done
export LD_LIBRARY_PATH="$here/usr/lib/$(uname -m)-linux-gnu"
! ldd usr/bin/gnuplot-nox | grep -q 'not found' || { echo "needs gnuplot's libraries: apt-get install gnuplot-nox" >&2; exit 2; }
seq 0 199 | while read -r second; do echo "$((1764480000 + second)) $((100 + 2 * second))"; done > samples.txt
figures() { usr/bin/gnuplot-nox -e "stats 'samples.txt' using ($1):2 name 'S' nooutput; set print '-'; print sprintf('%.2f %.3f', S_slope, S_correlation)"; }
unix=$(figures '$1') start=$(figures '$1-1764480000')
echo "$(usr/bin/gnuplot-nox --version), slope and correlation of a rise by 2 a second: over unix time $unix, from the start on $start"
[ "$unix" = "3.39 1.695" ] && [ "$start" = "2.00 1.000" ]
