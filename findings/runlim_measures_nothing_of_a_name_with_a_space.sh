#!/usr/bin/env bash
# runlim measures time and memory of a program for solver competitions. It reads the fields of /proc/PID/stat from the left, where
# the name stands unquoted: a job of 300 MiB whose program is called "my job" has 0.0 MB, 0.00 seconds and no error. As "myjob" it
# has 313 MB.
# Seen with Debian's runlim 1.10-6.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
apt-get download --quiet=2 runlim 2> /dev/null || { echo "needs Debian's apt-get" >&2; exit 2; }
dpkg-deb --extract runlim_*.deb .
python=$(python3 -c 'import sys; print(sys._base_executable)')
ln -s "$python" myjob && ln -s "$python" "my job"
space() { usr/bin/runlim "$1" -c 'import time; held = bytearray(b"x") * (300 << 20); time.sleep(2)' 2>&1 | awk '/ space:/ { print int($3) }'; }
without=$(space ./myjob) with=$(space "./my job")
echo "a job of 300 MiB, runlim 1.10: as myjob $without MB, as \"my job\" $with"
[ "$without" -ge 300 ] && [ "$with" = 0 ]
