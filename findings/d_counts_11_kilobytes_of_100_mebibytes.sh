#!/usr/bin/env bash
# D's GC.allocatedInCurrentThread is described as the number of bytes allocated for the current thread since the program's
# start. An array that grows in place, as ~= does while there is room behind it, is not counted: 100 MiB, appended number by
# number, are 11 kB, and usedSize beside it is 103 MiB. The same array in one piece is 100 MiB, so a profile by this figure
# shows the wrong line.
# Seen with Debian's ldc 1.30.0 (D runtime 2.100).
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
command -v gcc > /dev/null || { echo "needs a C compiler" >&2; exit 2; }
apt-get download --quiet=2 ldc libphobos2-ldc-shared100 libphobos2-ldc-shared-dev libllvm14 2> /dev/null || { echo "needs Debian's apt-get" >&2; exit 2; }
for package in *.deb; do dpkg-deb --extract "$package" .; done
libraries=$(echo "$here"/usr/lib/*-linux-gnu)
export LD_LIBRARY_PATH=$libraries
! ldd usr/bin/ldc2 | grep -q 'not found' || { echo "needs ldc's libraries: apt-get install ldc" >&2; exit 2; }
sed "s#/usr/#$here/usr/#g" etc/ldc2.conf > ldc2.conf
cat > job.d <<'D'
import core.memory, std.stdio;
void main() {
  GC.free((new ubyte[400 << 20]).ptr);
  auto used = GC.stats.usedSize;
  auto before = GC.allocatedInCurrentThread;
  ubyte[] grown;
  foreach (i; 0 .. 100 << 20) grown ~= 1;
  auto after = GC.allocatedInCurrentThread;
  used = GC.stats.usedSize - used;
  auto whole = new ubyte[100 << 20];
  writeln(grown.length >> 20, " ", used >> 20, " ", after - before, " ", (GC.allocatedInCurrentThread - after) >> 20, " ", whole.length >> 20);
}
D
usr/bin/ldc2 -conf=ldc2.conf -L-L"$libraries" -of=job job.d
read -r length used grown whole _ < <(./job)
echo "ldc $(dpkg-deb --field ldc_*.deb Version): $length MiB by appending: usedSize grew by $used MiB, allocatedInCurrentThread by $grown bytes; in one piece by $whole MiB"
[ "$length" = 100 ] && [ "$used" -ge 100 ] && [ "$grown" -lt 1000000 ] && [ "$whole" = 100 ]
