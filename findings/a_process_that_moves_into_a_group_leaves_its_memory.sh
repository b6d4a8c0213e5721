#!/usr/bin/env bash
# Memory is charged to the group in which a process was when it touched it. A job that is put into a group after its start, as wrappers do
# with the id of a running process, brings nothing along: it has 200 MiB, takes 50 more, and the group's usage and peak are 50, so that
# a limit of 100 does not stop it. The switch that groups of version 1 have for it is off.
# Seen with Linux 6.18 and groups of version 1: 264 MiB resident, usage 50, peak 50.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
[ "$(id -u)" = 0 ] && [ -w /sys/fs/cgroup/memory/cgroup.procs ] || { echo "needs root and memory groups of version 1" >&2; exit 2; }
group=/sys/fs/cgroup/memory/finding.$$
mkdir "$group" && trap 'rmdir "$group"; rm -rf "$here"' EXIT
echo 100M > "$group/memory.limit_in_bytes"
cat > job.py <<'PY'
import os, sys
held = bytearray(b"x") * (200 << 20)
with open(sys.argv[1] + "/cgroup.procs", "w") as processes:
    processes.write("0")
more = bytearray(b"x") * (50 << 20)
def figure(name):
    with open(sys.argv[1] + "/" + name) as file:
        return int(file.read()) >> 20
with open("/proc/self/statm") as pages:
    print(int(pages.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") >> 20, figure("memory.usage_in_bytes"), figure("memory.max_usage_in_bytes"))
PY
read -r resident usage peak < <(python3 job.py "$group")
sleep 0.5
echo "200 MiB before the move into a group of 100 MiB and 50 after it: resident $resident, usage of the group $usage, its peak $peak"
[ "$resident" -gt 250 ] && [ "$usage" -lt 60 ] && [ "$peak" -lt 60 ]
