#!/usr/bin/env bash
# memory.failcnt of a group counts how often its memory hit the limit, and reports show it as failed allocations. Files count too: a
# program of a few MB that copies 300 MiB into a file, in a group of 100, hits the limit again and again, and each time the kernel drops
# what was written. It was never refused memory, no process was killed, and the largest usage is the limit.
# Seen with Linux 6.18 and groups of version 1: failcnt 4977, usage at most 104,857,600 of 104,857,600, resident 14 MB.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
[ "$(id -u)" = 0 ] && [ -w /sys/fs/cgroup/memory/cgroup.procs ] || { echo "needs root and memory groups of version 1" >&2; exit 2; }
group=/sys/fs/cgroup/memory/finding.$$
mkdir "$group" && trap 'rmdir "$group"; rm -rf "$here"' EXIT
echo 100M > "$group/memory.limit_in_bytes"
cat > job.py <<'PY'
import os, resource, sys
open(sys.argv[1] + "/cgroup.procs", "w").write("0")
os.execvp("dd", ["dd", "if=/dev/zero", "of=file", "bs=64K", "count=4800", "conv=fsync", "status=none"])
PY
resident=$(python3 - "$group" <<'PY'
import os, subprocess, sys
job = subprocess.Popen([sys.executable, "job.py", sys.argv[1]])
_, status, usage = os.wait4(job.pid, 0)
print(0 if status else usage.ru_maxrss)
PY
)
failed=$(cat "$group/memory.failcnt") most=$(cat "$group/memory.max_usage_in_bytes") killed=$(sed -n 's/^oom_kill //p' "$group/memory.oom_control")
echo "a copy of 300 MiB in a group of 100: failcnt $failed, usage at most $most bytes, killed $killed, largest process $resident kB"
[ "$failed" -gt 20 ] && [ "$most" -gt 100000000 ] && [ "$killed" = 0 ] && [ "$resident" -gt 0 ] && [ "$resident" -lt 30000 ]
