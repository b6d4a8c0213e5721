#!/usr/bin/env bash
# /proc/PID/task/TID/children has the children that one thread started. resource-tracker, without psutil, reads that of the first
# thread for the process's children. A program that a worker thread starts, as a thread pool over command lines does,
# is in no total: a child of 300 MiB is 327 MiB where the first thread started it and 31 where another did.
# Seen with resource-tracker 0.5.0 on Linux 6.18.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check resource-tracker==0.5.0
cat > job.py <<'PY'
import subprocess, sys, threading
from resource_tracker import ResourceTracker

CHILD = "import time; held = bytearray(b'x') * (300 << 20); time.sleep(6)"

def start():
    subprocess.run([sys.executable, "-c", CHILD])

def in_thread():
    thread = threading.Thread(target=start)
    thread.start()
    thread.join()

def largest(work):
    tracker = ResourceTracker(interval=0.5, discover_cloud=False, discover_server=False)
    tracker.start()
    work()
    tracker.stop()
    return round(tracker.stats()["process_memory_mib"]["max"])

if __name__ == "__main__":
    print(largest(start), largest(in_thread))
PY
read -r first other < <(venv/bin/python job.py 2> /dev/null)
echo "resource-tracker 0.5.0, a child of 300 MiB: started by the first thread $first MiB, by another $other"
[ "$first" -ge 300 ] && [ "$other" -lt 100 ]
