#!/usr/bin/env bash
# Nim's getOccupiedMem is "the number of bytes that are owned by the process and hold data". With refc, the default of Nim 1, each thread
# has a heap of its own and the function is about the one that calls it: 300 MiB that a worker holds are 0, as they are for
# getTotalMem and getMaxMem. With orc, the default of Nim 2, all threads share one heap and the figure has them.
# Seen with Debian's Nim 1.6.10: 316 MB resident, occupied 0.07 and total 0.5 MB with refc, 319 and 319 with orc.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
command -v gcc > /dev/null || { echo "needs a C compiler" >&2; exit 2; }
apt-get download --quiet=2 nim 2> /dev/null || { echo "needs Debian's apt-get" >&2; exit 2; }
dpkg-deb --extract nim_*.deb .
cat > job.nim <<'NIM'
import std/[os, strutils]
var worker: Thread[void]
var held, done: bool
proc work() {.thread.} =
  var text = newString(300 shl 20)
  for at in 0 ..< text.len: text[at] = 'x'
  held = true
  while not done: sleep 10
  doAssert text[5] == 'x'
createThread(worker, work)
while not held: sleep 10
echo parseInt(readFile("/proc/self/statm").split(' ')[1]) * 4096, " ", getOccupiedMem(), " ", getTotalMem(), " ", getMaxMem()
done = true
joinThread(worker)
NIM
library=$here/usr/lib/nim/lib
figures() {
  usr/bin/nim c --skipCfg --lib:"$library" --path:"$library/core" --path:"$library/std" --path:"$library/pure" --path:"$library/system" \
    --path:"$library/posix" --path:"$library/pure/collections" --path:"$library/pure/concurrency" --path:"$library/deprecated/pure" --cc:gcc --threads:on \
    --mm:"$1" --define:release --hints:off --warnings:off --nimcache:"$here/$1" --out:"$here/job.$1" job.nim > build.txt 2>&1 || { cat build.txt >&2; exit 2; }
  "./job.$1"
}
read -r resident occupied total largest < <(figures refc)
read -r _ shared _ _ < <(figures orc)
echo "$(usr/bin/nim --version | sed -n 1p), a worker holds 300 MiB: resident $resident, occupied $occupied, total $total, most $largest with refc; occupied $shared with orc"
[ "$resident" -gt 314572800 ] && [ "$occupied" -lt 1000000 ] && [ "$total" -lt 2000000 ] && [ "$largest" -lt 2000000 ] && [ "$shared" -gt 314572800 ]
