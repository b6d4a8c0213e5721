#!/usr/bin/env bash
# GHC's heap profile is a file of samples with a time each, in seconds. These are seconds of CPU time in the program itself: a
# job that holds 300 MiB and waits for three seconds, for a disk or another process, has a profile that ends at 0.2, with three
# samples at an interval of 0.1. Beside the samples of the system the wait is missing and everything after it too early. Nothing
# in the file says so.
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
cat > job.hs <<'HS'
import Control.Concurrent
import qualified Data.ByteString as Bytes
main = do
  let held = Bytes.replicate (300 * 1024 * 1024) 1
  print (Bytes.last held)
  threadDelay 3000000
  print (Bytes.length held)
HS
"$top/bin/ghc" -B"$top" -v0 -rtsopts -o job job.hs
start=$(date +%s%N) && ./job +RTS -hT -i0.1 > /dev/null && took=$((($(date +%s%N) - start) / 1000000))
samples=$(grep -c BEGIN_SAMPLE job.hp) && end=$(tail -n 1 job.hp | sed 's/END_SAMPLE //')
echo "GHC $("$top/bin/ghc" -B"$top" --numeric-version), a job of $took ms: $samples samples, the last at $end, in $(sed -n 's/SAMPLE_UNIT //p' job.hp)"
[ "$took" -ge 3000 ] && [ "$samples" -lt 10 ] && awk "BEGIN { exit !($end < 2) }"
