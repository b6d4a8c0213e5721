#!/usr/bin/env bash
# Debian's awk is mawk 1.3.4. Its printf writes %d of any number above 2^31 as 2147483647, though it computes with the number
# and has half of it right: a script that formats memory.peak says 2 GiB for every job above. No error. The original awk prints all
# three sizes.
# Seen with mawk 1.3.4-20200120, original-awk 2022-09-12: 2147483647 three times; 3000000000 5000000000 64000000000.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
apt-get download --quiet=2 mawk original-awk 2> /dev/null || { echo "needs Debian's apt-get" >&2; exit 2; }
for package in *.deb; do dpkg-deb --extract "$package" .; done
printf '%s\n' 3000000000 5000000000 64000000000 > peaks.txt
by_mawk=$(usr/bin/mawk '{ printf "%d ", $1 }' peaks.txt)
by_original=$(usr/bin/original-awk '{ printf "%d ", $1 }' peaks.txt)
halved=$(usr/bin/mawk 'NR == 1 { printf "%d", $1 / 2 }' peaks.txt)
echo "3, 5 and 64 GB by %d: $(usr/bin/mawk -W version 2>&1 | sed -n 1p) $by_mawk; original-awk $by_original; half of 3 GB by mawk $halved"
[ "$by_mawk" = "2147483647 2147483647 2147483647 " ] && [ "$by_original" = "3000000000 5000000000 64000000000 " ] && [ "$halved" = 1500000000 ]
