#!/usr/bin/env bash
# ZGC of JDK 17 maps the memory of its heap at three addresses, and the kernel counts a page in the resident set once for each
# mapping that was used. A job under -Xmx256m whose heap holds 200 MiB is then 600 MiB large for ps, top and every limit set
# by RSS. The proportional share has it right. (JDK 21's generational ZGC no longer does so.)
# Seen with OpenJDK 17.0.15: heap 214 MiB by the log, VmRSS 517 to 615, Pss_Shmem 205.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
java -version 2>&1 | grep -q '"17\.' || { echo "needs Java 17: apt-get install openjdk-17-jdk-headless" >&2; exit 2; }
cat > Job.java <<'JAVA'
import java.nio.file.*;
public class Job {
    static long mebibytes(String file, String field) throws Exception {
        for (String line : Files.readAllLines(Path.of("/proc/self/" + file)))
            if (line.startsWith(field + ":")) return Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024;
        return -1;
    }
    public static void main(String[] unused) throws Exception {
        byte[][] held = new byte[2000][100_000];
        for (byte round = 0; round < 4; round++) {
            System.gc();
            for (byte[] block : held) java.util.Arrays.fill(block, round);
        }
        System.out.println(mebibytes("status", "VmRSS") + " " + mebibytes("smaps_rollup", "Pss_Shmem"));
    }
}
JAVA
javac Job.java
read -r resident share < <(java -XX:+UseZGC -Xmx256m Job)
echo "$(java -version 2>&1 | sed -n 1p), ZGC, -Xmx256m: VmRSS $resident MiB, Pss_Shmem $share"
[ "$resident" -gt 400 ] && [ "$share" -gt 150 ] && [ "$share" -lt 260 ]
