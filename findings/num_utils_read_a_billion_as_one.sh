#!/usr/bin/env bash
# Debian's num-utils compute with the first number of each line, and know no exponent. awk's print writes a size that is not whole in
# six digits: 3 GiB and a half byte are 3.22123e+09. numsum, numaverage and numbound take what stands before the e: the mean of three
# such sizes is 3 bytes, without a word. Their page speaks of numbers with decimals.
# Seen with Debian's num-utils 0.5-15.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
apt-get download --quiet=2 num-utils 2> /dev/null || { echo "needs Debian's apt-get" >&2; exit 2; }
dpkg-deb --extract num-utils_*.deb .
awk 'BEGIN { for (row = 0; row < 3; row++) print 3 * 1024 ^ 3 + 0.5 }' > sizes.txt
sum=$(usr/bin/numsum sizes.txt) mean=$(usr/bin/numaverage sizes.txt) largest=$(usr/bin/numbound sizes.txt)
echo "three sizes that awk prints as $(head -1 sizes.txt): numsum $sum, numaverage $mean, numbound $largest"
[ "$(sort -u sizes.txt)" = 3.22123e+09 ] && [ "$sum" = 9.66369 ] && [ "$mean" = 3.22123 ] && [ "$largest" = 3.22123 ]
