#!/usr/bin/env bash
# resource-tracker watches a job and recommends resources for the next run: its largest memory and a fifth more, rounded up. The
# memory it holds is in MiB; the recommendation takes it for KiB and divides by 1024 again. So every job below a hundred GiB gets
# 128 MiB, the smallest step, and recommend_server looks for a machine of that size.
# Seen with resource-tracker 0.5.0: 623 MiB measured, 128 recommended.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check resource-tracker==0.5.0
cat > job.py <<'PY'
import time
from resource_tracker import ResourceTracker

if __name__ == "__main__":
    tracker = ResourceTracker(interval=0.5, discover_cloud=False, discover_server=False)
    tracker.start()
    held = bytearray(b"x") * (600 << 20)
    tracker.wait_for_samples(n=4, timeout=60)
    time.sleep(2)
    tracker.stop()
    print(round(tracker.stats()["process_memory_mib"]["max"]), tracker.recommend_resources()["memory"])
PY
read -r measured recommended < <(venv/bin/python job.py 2> /dev/null)
echo "resource-tracker 0.5.0: largest process_memory_mib $measured, recommended memory $recommended MiB"
[ "$measured" -ge 600 ] && [ "$measured" -lt 800 ] && [ "$recommended" = 128 ]
