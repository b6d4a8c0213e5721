#!/usr/bin/env bash
# posix_spawn, and Python's subprocess, start a program in a child that has its parent's memory itself, not a copy, until
# exec. PSS is described as each page divided by the number of processes that have it, so that sums over processes are right;
# here both have it in full. A child that is slow to begin (its file or folder on a slow disk) doubles the job for as long.
# Seen on Linux 6.18, the child waiting to open its input: job 308 MiB, child 308, by PSS; memory used once.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
uname -sr
mkfifo input
cat > watcher.py <<'PY'
import os, pathlib, sys, time
job = int(sys.argv[1])
def share(pid):
    rows = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    return next(int(row.split()[1]) >> 10 for row in rows if row.startswith("Pss:"))
time.sleep(1)
children = [int(pid) for pid in pathlib.Path(f"/proc/{job}/task/{job}/children").read_text().split()]
print(share(job), *[share(pid) for pid in children if pid != os.getpid()])
open("input", "w").close()
PY
cat > job.py <<'PY'
import os, subprocess, sys
held = bytearray(b"x") * (300 << 20)
watcher = subprocess.Popen([sys.executable, "watcher.py", str(os.getpid())], stdout=subprocess.PIPE, text=True)
os.posix_spawn("/bin/true", ["true"], {}, file_actions=[(os.POSIX_SPAWN_OPEN, 0, "input", os.O_RDONLY, 0)])
parent, child = map(int, watcher.communicate()[0].split())
print(f"PSS of the job {parent} MiB, of its child before exec {child} MiB")
raise SystemExit(not (300 <= parent < 400 and child >= 300))
PY
python3 job.py
