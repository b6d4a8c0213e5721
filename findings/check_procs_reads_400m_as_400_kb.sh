#!/usr/bin/env bash
# check_procs of the monitoring plugins raises an alarm when a process has more memory than a limit. Its help names no unit, and gives
# -c 100000 as an example of "over 100K". The unit is the kibibyte, and a letter behind the number is dropped: for a job
# of 300 MiB a limit of 400M is an alarm, 400 million is none, nor would it be below 400 GB.
# Seen with Debian's monitoring-plugins-basic 2.3.3.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
apt-get download --quiet=2 monitoring-plugins-basic 2> /dev/null || { echo "needs Debian's apt-get" >&2; exit 2; }
dpkg-deb --extract monitoring-plugins-basic_*.deb .
plugin=usr/lib/nagios/plugins/check_procs
{ $plugin --help || true; } | grep -c 'Alert if VSZ of any processes over 50K or 100K' > /dev/null
echo 'import time; held = bytearray(b"x") * (300 << 20); open("ready", "w"); time.sleep(60)' > job.py
$(python3 -c 'import sys; print(sys.executable)') job.py & job=$!
trap 'kill $job; rm -rf "$here"' EXIT
until [ -e ready ]; do sleep 0.1; done
alarm() { $plugin --metric=RSS --critical="$1" --argument-array="${2:-job.py}" > /dev/null && echo none || echo alarm; }
echo "limits for a job of 300 MiB: 400M $(alarm 400M), 100000 $(alarm 100000), 400000 $(alarm 400000), 300000000 $(alarm 300000000)"
[ "$(alarm 400M)" = alarm ] && [ "$(alarm 100000)" = alarm ] && [ "$(alarm 400000)" = none ] && [ "$(alarm 300000000)" = none ]
