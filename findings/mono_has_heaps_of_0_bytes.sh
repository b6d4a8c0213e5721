#!/usr/bin/env bash
# Mono has the counters of .NET's collector, and those of sizes are never written: with 300 MiB held "# Bytes in all Heaps",
# "Large Object Heap size" and "% Time in GC" are 0, as is "# Induced GC" after three calls of GC.Collect(), without an error.
# "# Gen 1 Collections" beside them is 3 and right, so a chart has collections of an empty heap. Environment.WorkingSet is 0
# too, Process.WorkingSet64 315 MiB.
# Seen with Debian's Mono 6.8.0.105.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
apt-get download --quiet=2 mono-runtime-sgen mono-runtime-common mono-mcs libmono-corlib4.5-dll libmono-system4.0-cil libmono-system-core4.0-cil \
  libmono-system-xml4.0-cil libmono-system-configuration4.0-cil libmono-system-security4.0-cil libmono-security4.0-cil libmono-system-numerics4.0-cil \
  libmono-microsoft-csharp4.0-cil 2> /dev/null || { echo "needs Debian's apt-get" >&2; exit 2; }
for package in *.deb; do dpkg-deb --extract "$package" .; done
export MONO_PATH=$here/usr/lib/mono/4.5 MONO_CFG_DIR=$here/etc MONO_GAC_PREFIX=$here/usr
mono=$here/usr/bin/mono-sgen
! ldd "$mono" | grep -q 'not found' || { echo "needs Mono's libraries: apt-get install mono-runtime" >&2; exit 2; }
cat > job.cs <<'CS'
using System;
using System.Diagnostics;
class Job {
  static long Counter(string name) {
    return new PerformanceCounter(".NET CLR Memory", name, Process.GetCurrentProcess().Id.ToString()).RawValue;
  }
  static void Main() {
    var held = new byte[300 << 20];
    for (int at = 0; at < held.Length; at++) held[at] = 1;
    for (int call = 0; call < 3; call++) GC.Collect();
    Console.Write("{0} {1} {2} {3} {4} ", Counter("# Bytes in all Heaps"), Counter("Large Object Heap size"), Counter("% Time in GC"),
      Counter("# Induced GC"), Counter("# Gen 1 Collections"));
    Console.WriteLine("{0} {1} {2} {3}", GC.GetTotalMemory(false) >> 20, Environment.WorkingSet, Process.GetCurrentProcess().WorkingSet64 >> 20, held.Length >> 20);
  }
}
CS
"$mono" usr/lib/mono/4.5/mcs.exe -out:job.exe job.cs
read -r heaps large time induced collections total environment process held < <("$mono" job.exe)
echo "Mono $("$mono" --version=number) with $held MiB: bytes in all heaps $heaps, large objects $large, time $time %, induced $induced, generation 1 collected $collections times;" \
  "GetTotalMemory $total MiB, Environment.WorkingSet $environment, Process.WorkingSet64 $process MiB"
[ "$heaps $large $time $induced $environment" = "0 0 0 0 0" ] && [ "$collections" -ge 3 ] && [ "$total" -ge 300 ] && [ "$process" -ge 300 ]
