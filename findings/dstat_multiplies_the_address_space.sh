#!/usr/bin/env bash
# dstat --top-mem names the process with the most memory. It splits /proc/PID/stat at blanks, where the second field, the name, may
# hold some: with one blank in it dstat takes the field before, the address space in bytes, for resident pages and
# multiplies it by 4096; with two, as node has when it runs npm install, the moment of its start.
# So every process whose name has a blank is above all others, with terabytes.
# Seen with Debian's dstat 0.7.4: 1255G for a job of 300 MiB named "my job".
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
apt-get download --quiet=2 dstat 2> /dev/null || { echo "needs Debian's apt-get" >&2; exit 2; }
dpkg-deb --extract dstat_*.deb .
cat > job.py <<'PY'
import ctypes, time
held = bytearray(b"x") * (300 << 20)
ctypes.CDLL(None).prctl(15, b"my job", 0, 0, 0)
print("ready", flush=True)
time.sleep(60)
PY
/usr/bin/python3 -c 'import six' 2> /dev/null || { echo "needs six: apt-get install python3-six" >&2; exit 2; }
/usr/bin/python3 job.py > ready.txt & job=$!
trap 'kill $job; rm -rf "$here"' EXIT
until [ -s ready.txt ]; do sleep 0.1; done
resident=$(awk '/VmRSS/ { print int($2 / 1024) }' /proc/$job/status)
PYTHONWARNINGS=ignore /usr/bin/python3 usr/bin/dstat --nocolor --top-mem 1 1 > top.txt 2> /dev/null || true
read -r name memory < <(tail -n 1 top.txt)
echo "VmRSS of \"my job\" $resident MiB; dstat $(dpkg-deb --field dstat_*.deb Version), most memory: $name $memory"
[ "$resident" -lt 330 ] && [ "${memory%G}" -gt 1000 ]
