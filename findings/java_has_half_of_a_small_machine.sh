#!/usr/bin/env bash
# Java's heap may have MaxRAMPercentage of the memory of the machine or container. Below 250 MiB another setting takes its place
# without a word, MinRAMPercentage, whose name tells a lower bound and which is 50: 25, 75 and 90 % of 240 MiB are all 120. Just
# above, 25 % of 300 MiB are 126, or 42 %.
# Seen with OpenJDK 17.0.15, the memory by -XX:MaxRAM.
set -euo pipefail
command -v java > /dev/null || { echo "needs Java 17" >&2; exit 2; }
heap() { java -XX:MaxRAM="$1" -XX:MaxRAMPercentage="$2" -XX:+PrintFlagsFinal -version 2> /dev/null | awk '$2 == "MaxHeapSize" { printf "%d", $4 / 1048576 }'; }
small="$(heap 240m 25) $(heap 240m 75) $(heap 240m 90)" above=$(heap 300m 25) large="$(heap 1g 25) $(heap 1g 75)"
echo "heaps in MiB: 25, 75, 90 % of 240: $small; 25 % of 300: $above; 25, 75 % of 1024: $large"
[ "$small" = "120 120 120" ] && [ "$above" -gt 120 ] && [ "$large" = "256 768" ]
