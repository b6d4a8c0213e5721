#!/usr/bin/env bash
# Java's getCommittedVirtualMemorySize() is "the amount of virtual memory that is guaranteed to be available to the running process". On
# Linux it is the address space, with all that is only reserved: 19 GB for a job with -Xmx16g that holds 10 MB, whose heap has 400 MiB
# committed by the same management interface. Nothing of it is guaranteed. The free memory beside it leaves out the file cache.
# Seen with OpenJDK 17.0.15: 19503 MiB; heap committed 400, resident 49.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
java -version 2>&1 | grep -q '"17\.' || { echo "needs Java 17: apt-get install openjdk-17-jdk-headless" >&2; exit 2; }
cat > Job.java <<'JAVA'
import java.lang.management.*;
import java.nio.file.*;
class Job {
    static long field(String name) throws Exception {
        for (String line : Files.readAllLines(Path.of("/proc/self/status")))
            if (line.startsWith(name + ":")) return Long.parseLong(line.replaceAll("\\D", "")) >> 10;
        return -1;
    }
    public static void main(String[] args) throws Exception {
        byte[] held = new byte[10_000_000];
        var system = (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long virtual = system.getCommittedVirtualMemorySize() >> 20, heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getCommitted() >> 20;
        long resident = field("VmRSS"), space = field("VmSize");
        System.out.println("Java " + Runtime.version() + ", " + held.length + " bytes held: committed virtual memory " + virtual + " MiB, heap committed " + heap + ", VmSize " + space + ", VmRSS " + resident);
        System.exit(virtual > 16_384 && Math.abs(virtual - space) < 100 && heap < 2_000 && resident < 500 ? 0 : 1);
    }
}
JAVA
javac Job.java && java -XX:+UseG1GC -Xmx16g -cp . Job
