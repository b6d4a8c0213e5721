#!/usr/bin/env bash
# textql and q put SQL on CSV files by way of SQLite, column types by what they see. A column of sizes with one N/A has that for its
# largest value, and it counts as a size of 0 in the average: 100, 300, 900 and N/A are 325 in the middle, not 433, and the largest is
# N/A. No error, no warning; an empty field is left out by both.
# Seen with Debian's textql 2.0.3-5+b5 and python3-q-text-as-data 3.1.6-2.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
apt-get download --quiet=2 textql python3-q-text-as-data 2> /dev/null || { echo "needs Debian's apt-get" >&2; exit 2; }
for package in *.deb; do dpkg-deb --extract "$package" .; done
printf 'size\n100\n300\n900\nN/A\n' > marked.csv
printf 'size,job\n100,a\n300,a\n900,a\n,a\n' > empty.csv
query="select max(size), min(size), avg(size) from"
textql="$(usr/bin/textql -header -sql "$query marked" marked.csv) $(usr/bin/textql -header -sql "$query empty" empty.csv)"
q="$(python3 usr/bin/q -H -d , "$query marked.csv") $(python3 usr/bin/q -H -d , "$query empty.csv")"
echo "largest, smallest, average of 100, 300, 900 and N/A, then of 100, 300, 900 and an empty field:"
echo "textql $textql, q $q"
[ "$textql" = "N/A,100,325 900,100,433.3333333333333" ] && [ "$q" = "N/A,100,325.0 900,100,433.3333333333333" ]
