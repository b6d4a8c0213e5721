#!/usr/bin/env bash
# psrecord 1.4 runs a command line through /bin/sh and watches the shell, so the log of a job that
# holds 300 MiB stays under 2 MB. Where /bin/sh is bash, a single command replaces the shell and
# is seen; two commands in one line are not. Giving a process id, or --include-children, helps.
# Seen with dash as /bin/sh: highest "Real (MB)" 1.7; with --include-children 310.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check psrecord==1.4 psutil==7.2.2
echo 'import time; held = bytearray(b"x") * (300 << 20); time.sleep(2)' > job.py
highest() { awk '!/^#/ && $3 > most { most = $3 } END { print int(most) }' "$1"; }
venv/bin/psrecord "venv/bin/python job.py && true" --log shell.log --interval 0.2 > /dev/null
venv/bin/psrecord "venv/bin/python job.py && true" --include-children --log all.log --interval 0.2 > /dev/null
echo "psrecord 1.4: highest Real (MB) $(highest shell.log), with --include-children $(highest all.log); the job holds 300 MiB"
[ "$(highest shell.log)" -lt 20 ] && [ "$(highest all.log)" -ge 300 ]
