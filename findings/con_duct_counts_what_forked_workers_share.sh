#!/usr/bin/env bash
# con-duct records a command and all of its session, and adds up their resident sets for the peak. A program that reads 300 MiB and then
# forks four workers, which share it, has a "Memory Peak Usage (RSS)" of 1.6 GB, where the proportional sizes of the five are 325 MB.
# Seen with con-duct 0.23.0: peak_rss 1,627,353,088 bytes, proportional sizes together 325,135,360.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check con-duct==0.23.0
cat > job.py <<'PY'
import os, time
held = bytearray(b"x") * (300 << 20)
workers = []
for _ in range(4):
    worker = os.fork()
    if not worker:
        time.sleep(6)
        os._exit(0)
    workers.append(worker)
time.sleep(3)
shares = 0
for process in [os.getpid(), *workers]:
    with open(f"/proc/{process}/smaps_rollup") as lines:
        shares += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
with open("shares", "w") as file:
    file.write(str(shares * 1024))
for worker in workers:
    os.waitpid(worker, 0)
PY
venv/bin/con-duct run --output-prefix run_ "$(python3 -c 'import sys; print(sys.executable)')" job.py > /dev/null 2>&1
peak=$(python3 -c 'import json; print(json.load(open("run_info.json"))["execution_summary"]["peak_rss"])')
echo "300 MiB and four workers that share it: peak by con-duct $peak bytes, proportional sizes $(cat shares)"
[ "$peak" -gt 1400000000 ] && [ "$(cat shares)" -lt 450000000 ]
