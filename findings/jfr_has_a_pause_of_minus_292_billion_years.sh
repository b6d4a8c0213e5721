#!/usr/bin/env bash
# A Java Flight Recording marks a length of time that is not set by the smallest number of 64 bits. jfr print writes N/A for it;
# jfr print --json, made for programs, writes it as a duration: the pause target of a collector without one is
# PT-2562047788015215H-30M-8S, minus 292 billion years. It parses, so a mean over recordings is far below zero.
# Seen with OpenJDK 17.0.15.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
{ command -v java && command -v jfr; } > /dev/null || { echo "needs a JDK 17" >&2; exit 2; }
cat > Job.java <<'JAVA'
public class Job {
    public static void main(String[] arguments) {
        System.gc();
    }
}
JAVA
java -XX:StartFlightRecording=filename=job.jfr,settings=profile Job.java > /dev/null 2>&1
text=$(jfr print --events jdk.GCConfiguration job.jfr | sed -n 's/^ *pauseTarget = //p' | head -n 1)
json=$(jfr print --json --events jdk.GCConfiguration job.jfr | sed -n 's/^ *"pauseTarget": "\(.*\)".*/\1/p' | head -n 1)
echo "$(java -version 2>&1 | head -n 1), pauseTarget: as text $text, as JSON $json"
[ "$text" = N/A ] && [ "$json" = PT-2562047788015215H-30M-8S ]
