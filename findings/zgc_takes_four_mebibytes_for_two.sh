#!/usr/bin/env bash
# ZGC gives an array of more than its small and medium regions a region of its own, a multiple of 2 MiB. With its header of 16
# bytes an array of exactly 2 MiB takes 4 MiB, so 100 of them are a heap of 400 MiB in its log and against -Xmx, where the
# serial collector has 200. G1 rounds too, to its regions.
# Seen with OpenJDK 17.0.15: used 404 MiB; 203 with the serial collector.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
java -version 2>&1 | grep -q '"17\.' || { echo "needs Java 17: apt-get install openjdk-17-jdk-headless" >&2; exit 2; }
cat > Job.java <<'JAVA'
public class Job {
    public static void main(String[] unused) {
        byte[][] held = new byte[100][2 << 20];
        System.gc();
        System.out.println((Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory()) / (1 << 20));
        java.lang.ref.Reference.reachabilityFence(held);
    }
}
JAVA
javac Job.java
used() { java "-XX:+Use$1GC" -Xmx800m Job; }
echo "$(java -version 2>&1 | sed -n 1p): 100 arrays of 2 MiB are $(used Z) MiB of heap with ZGC, $(used Serial) with the serial collector"
[ "$(used Z)" -gt 380 ] && [ "$(used Serial)" -lt 230 ]
