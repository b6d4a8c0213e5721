#!/usr/bin/env bash
# atop -J writes its samples as JSON. Instead of escaping a
# quotation mark or a backslash it writes # for each, in the names and command lines of processes: {"batch": 10} is
# {#batch#: 10}. A job's settings in JSON, by which runs are told apart, cannot be read back, and a # may be any of three.
# -P has the command line as it is.
# Seen with Debian's atop 2.8.1.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
apt-get download --quiet=2 atop 2> /dev/null || { echo "needs Debian's apt-get" >&2; exit 2; }
dpkg-deb --extract atop_*.deb .
! ldd usr/bin/atop | grep -q 'not found' || { echo "needs atop's libraries: apt-get install atop" >&2; exit 2; }
/usr/bin/python3 -c 'import time; time.sleep(60)' '{"batch": 10, "path": "a\b"} #1' & job=$!
trap 'kill $job; rm -rf "$here"' EXIT
sleep 1
usr/bin/atop -J PRG 1 1 > sample.json 2> /dev/null
usr/bin/atop -P PRG 1 1 > sample.txt 2> /dev/null
written=$(python3 - "$job" <<'PY'
import json, sys
processes = json.loads(open("sample.json").readline())["PRG"]
print(next(process["cmdline"] for process in processes if process["pid"] == int(sys.argv[1])))
PY
)
echo "atop 2.8.1, the argument {\"batch\": 10, \"path\": \"a\\b\"} #1 in JSON: ${written##*sleep(60) }"
[[ $written == *'{#batch#: 10, #path#: #a#b#} #1'* ]] && grep -q -F '{"batch": 10, "path": "a\b"} #1' sample.txt
