#!/usr/bin/env bash
# Java keeps a peak for each pool of its heap, and none for the heap. The pools have them at different times: eden before the job holds
# anything, the old generation at the end. Their sum, as a chart that stacks them has it, is 332 MiB of a heap of 300; a heap that has
# room gives eden still more, and the sum says nothing of what the job needs.
# Seen with OpenJDK 17.0.15, G1, -Xmx300m: eden 178, survivors 23, old 131 MiB.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
java -version 2>&1 | grep -q '"17\.' || { echo "needs Java 17: apt-get install openjdk-17-jdk-headless" >&2; exit 2; }
cat > Job.java <<'JAVA'
import java.lang.management.*;
import java.util.*;
class Job {
    static long made;
    static void garbage(int blocks) {
        for (int block = 0; block < blocks; block++) made += new byte[100_000].length;
    }
    public static void main(String[] args) {
        garbage(20_000);
        List<byte[]> held = new ArrayList<>();
        for (int block = 0; block < 1_300; block++) held.add(new byte[100_000]);
        garbage(20_000);
        long sum = 0, most = Runtime.getRuntime().maxMemory() >> 20;
        StringBuilder pools = new StringBuilder();
        for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
            if (pool.getType() != MemoryType.HEAP) continue;
            long peak = pool.getPeakUsage().getUsed() >> 20;
            pools.append(", ").append(pool.getName()).append(' ').append(peak);
            sum += peak;
        }
        System.out.println("Java " + Runtime.version() + pools + ": " + sum + " MiB of a heap of " + most + ", holding " + held.size() / 10 + " MB");
        System.exit(sum > most ? 0 : 1);
    }
}
JAVA
java -XX:+UseG1GC -Xmx300m Job.java
