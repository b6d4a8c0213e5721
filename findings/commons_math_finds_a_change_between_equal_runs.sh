#!/usr/bin/env bash
# The signed-rank test of Wilcoxon compares the peaks of the same jobs before and after a change. Commons Math counts pairs without any
# difference as if all of them had risen: for twenty jobs whose peaks are the same to the byte it has a p of 0.00008, and by
# the exact method two in a million, surer of a change than if every job had grown but one. SciPy has 1.
# Seen with Debian's libcommons-math3-java 3.6.1, Java 17.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
command -v javac > /dev/null || { echo "needs a JDK: apt-get install openjdk-17-jdk-headless" >&2; exit 2; }
apt-get download --quiet=2 libcommons-math3-java 2> /dev/null || { echo "needs Debian's apt-get" >&2; exit 2; }
dpkg-deb --extract libcommons-math3-java_*.deb .
export CLASSPATH="$here/usr/share/java/commons-math3.jar:$here"
cat > Job.java <<'JAVA'
import org.apache.commons.math3.stat.inference.WilcoxonSignedRankTest;
public class Job {
    public static void main(String[] unused) {
        double[] before = new double[20], grown = new double[20];
        for (int job = 0; job < 20; job++) {
            before[job] = 300 + job;
            grown[job] = before[job] + (job == 19 ? -1 : job + 2);
        }
        WilcoxonSignedRankTest test = new WilcoxonSignedRankTest();
        System.out.printf("%.1e %.1e %.1e%n", test.wilcoxonSignedRankTest(before, before.clone(), false),
            test.wilcoxonSignedRankTest(before, before.clone(), true), test.wilcoxonSignedRankTest(before, grown, false));
    }
}
JAVA
javac Job.java
probabilities=$(java Job)
echo "p of twenty peaks and the same twenty, by the normal approximation and exactly, and of nineteen that grew: $probabilities"
read -r equal exact grown <<< "$probabilities"
[ "$equal" = 8.2e-05 ] && [ "$exact" = 1.9e-06 ] && [ "$grown" = 9.6e-05 ]
