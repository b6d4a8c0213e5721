#!/usr/bin/env bash
# jstat's manual: FGC is the number of full GC events. With Shenandoah each short pause of a concurrent cycle counts there, a
# few per cycle, and CGC, the column of concurrent collections, stays empty; a job that never had a full collection shows
# dozens, as one in trouble would. The log of the same run has no Pause Full.
# Seen with OpenJDK 17.0.15: FGC 26 to 62, CGC -, in the log 5 to 16 cycles and no full pause.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
java -version 2>&1 | grep -q '"17\.' || { echo "needs Java 17: apt-get install openjdk-17-jdk-headless" >&2; exit 2; }
cat > Job.java <<'JAVA'
public class Job {
    public static void main(String[] unused) throws Exception {
        for (int i = 0; i < 5; i++) {
            System.gc();
            Thread.sleep(100);
        }
        System.out.println("done");
        Thread.sleep(4000);
    }
}
JAVA
javac Job.java
java -XX:+UseShenandoahGC -Xmx200m -Xlog:gc:file=gc.log Job > out.txt &
until grep -q done out.txt || ! kill -0 $!; do sleep 0.2; done
columns=$(jstat -gc $!) && wait
cell() { awk -v name="$1" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) at = i } NR == 2 { print $at }' <<< "$columns"; }
cycles=$(grep -c 'Concurrent reset' gc.log || true) full=$(grep -c 'Pause Full' gc.log || true)
echo "$(java -version 2>&1 | sed -n 1p), Shenandoah: FGC $(cell FGC), CGC $(cell CGC); in the log $cycles cycles, $full full pauses"
[ "$(cell FGC)" -gt 10 ] && [ "$full" -eq 0 ]
