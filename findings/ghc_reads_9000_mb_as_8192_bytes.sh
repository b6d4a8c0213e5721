#!/usr/bin/env bash
# GHC's runtime takes sizes with a suffix of one letter. It looks at the last one only, and b is for bytes: a limit of -M9000MB
# is one of 9000 bytes, rounded down to two blocks, and the program ends with an exhausted heap of 8192 bytes (0 MB). A hint of
# -H9000MB is accepted and changes nothing; -M500MB is refused as too small. -M9000m is the limit that was meant.
# Seen with Debian's GHC 9.0.2.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
command -v gcc > /dev/null || { echo "needs a C compiler" >&2; exit 2; }
apt-get download --quiet=2 ghc 2> /dev/null || { echo "needs Debian's apt-get" >&2; exit 2; }
dpkg-deb --extract ghc_*.deb . && top=$here/usr/lib/ghc
! ldd "$top/bin/ghc" | grep -q 'not found' && echo 'int main(void) { return 0; }' | gcc -x c - -lgmp 2> /dev/null ||
  { echo "needs GHC's libraries: apt-get install ghc" >&2; exit 2; }
rm -f "$top/package.conf.d" && cp -r var/lib/ghc/package.conf.d "$top" && sed -i "s#/usr/lib/ghc#$top#" "$top"/package.conf.d/*.conf
"$top/bin/ghc-pkg" --global-package-db="$top/package.conf.d" recache
echo 'main = print (sum [1 .. 1000000 :: Integer])' > job.hs
"$top/bin/ghc" -B"$top" -v0 -rtsopts -o job job.hs
fits=$(./job +RTS -M9000m) && hint=$(./job +RTS -H9000MB)
status=0 && ./job +RTS -M9000MB > /dev/null 2> limit.txt || status=$?
limit=$(sed -n 's/.*Current maximum heap size is //p' limit.txt)
echo "GHC $("$top/bin/ghc" -B"$top" --numeric-version): -M9000m prints $fits, -H9000MB $hint, -M9000MB ends with $status, maximum heap size $limit"
[ "$fits" = 500000500000 ] && [ "$hint" = 500000500000 ] && [ "$status" = 251 ] && [ "$limit" = '8192 bytes (0 MB).' ]
