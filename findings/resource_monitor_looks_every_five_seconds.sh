#!/usr/bin/env bash
# resource_monitor of the Cooperative Computing Tools: its manual page gives one second as the default of --interval, its
# --help five, and five it is. So a job of four seconds is measured at its start and its end only, and the memory of its
# summary, "maximum resident size", is that of an idle interpreter.
# Seen with the version of Debian 12 (8.0.0, package 9.9): 9 MB for a job that holds 300 MiB for three seconds; 309.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
command -v resource_monitor > /dev/null || { echo "needs resource_monitor: apt-get install coop-computing-tools" >&2; exit 2; }
cat > job.py <<'PY'
import time
held = bytearray(b"x") * (300 << 20)
time.sleep(3)
del held
time.sleep(0.5)
PY
highest() { resource_monitor -O "$1" "${@:2}" -- /usr/bin/python3 job.py 2> /dev/null; grep -m 1 -A 2 '"memory"' "$1.summary" | sed -n 's/[^0-9]*\([0-9]\+\),/\1/p'; }
default=$(highest default) second=$(highest second --interval=1)
echo "$(resource_monitor --version | sed -n 1p): memory $default MB, with --interval=1 $second MB"
[ "$default" -lt 50 ] && [ "$second" -ge 300 ]
