#!/usr/bin/env bash
# GNU time's %x is by its manual page the exit status of the command. For a command that a signal ended, as the kernel does when
# memory is short, it is 0, and so is the line "Exit status" of -v; time itself exits with 137. A table of jobs that was made
# with --format has success beside the largest resident set of every job that was killed for it. In a file of -v the first
# line, "Command terminated by signal 9", says otherwise.
# Seen with Debian's time 1.9: "0 320660"; "Exit status: 0".
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
apt-get download --quiet=2 time 2> /dev/null || { echo "needs Debian's apt-get" >&2; exit 2; }
dpkg-deb --extract time_*.deb .
zcat usr/share/man/man1/time.1.gz | grep -A 1 '^.IP x' | grep -q 'Exit status of the command'
cat > job.py <<'PY'
import os, signal
held = bytearray(b"x") * (300 << 20)
os.kill(os.getpid(), signal.SIGKILL)
PY
python=$(python3 -c 'import sys; print(sys.executable)')
exited=0 && usr/bin/time --quiet --format '%x %M' --output table.txt "$python" job.py || exited=$?
usr/bin/time -v --output verbose.txt "$python" job.py || true
read -r status largest < <(grep -v signal table.txt)
verbose=$(sed -n 's/.*Exit status: //p' verbose.txt)
echo "GNU time 1.9, a job that was killed at $largest kB: %x $status, -v \"Exit status: $verbose\", time's own status $exited"
[ "$status" = 0 ] && [ "$verbose" = 0 ] && [ "$exited" = 137 ] && [ "$largest" -ge 300000 ]
