#!/usr/bin/env bash
# Each young collection of G1 leaves more than the one before, in a program that keeps a window of 40 MiB and nothing more: what grew
# old and left the window lies in the old part, which a young collection does not look at. A line through what collections left rises
# as a leak's does, until a marking cycle has looked at the whole heap: only what is left then tells of a leak.
# Seen with OpenJDK 17.0.15, twice: twelve young collections left 43 to 202 and 44 to 203 MiB, the remark behind them 55 and 58.
set -euo pipefail
command -v java >/dev/null || { echo "needs Java 17"; exit 2; }
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
java -version 2>&1 | head -1
cat > "$work/Window.java" <<'JAVA'
import java.util.ArrayDeque;
public class Window {
    public static void main(String[] args) throws Exception {
        ArrayDeque<byte[][]> window = new ArrayDeque<>();
        for (int step = 0; step < 1000; step++) {
            byte[][] part = new byte[512][];
            for (int i = 0; i < part.length; i++) part[i] = new byte[1000];
            window.add(part);
            if (window.size() > 80) window.poll();
            Thread.sleep(2);
        }
        System.out.println("kept " + window.size() + " parts of half a MiB");
    }
}
JAVA
java -XX:+UseG1GC -Xms400m -Xmx400m -XX:MaxNewSize=16m -Xlog:gc:file="$work/gc.log":uptime,tags "$work/Window.java"
python3 - "$work/gc.log" <<'PY'
import re, sys
young, marked = [], None
for line in open(sys.argv[1]):
    found = re.search(r"Pause (Young|Remark).* (\d+)M->(\d+)M\(", line)
    if found and found[1] == "Young":
        young.append(int(found[3]))
    elif found and len(young) > 10 and int(found[3]) < young[-1]:
        marked = int(found[3])
        break
steady = [left for left in young if left >= 39]
print(f"young collections left {steady[0]} to {steady[-1]} MiB, {len(steady)} of them; the remark behind them {marked}")
rises = sum(b >= a for a, b in zip(steady, steady[1:]))
raise SystemExit(not (marked and steady[-1] > 3 * marked and rises >= 0.9 * (len(steady) - 1)))
PY
