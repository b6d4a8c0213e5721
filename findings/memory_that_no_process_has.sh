#!/usr/bin/env bash
# What was written to a memfd that nobody mapped, or sent to a socket that nobody read, is memory of the job: its group is
# charged for it and can be killed for it. It is in no process's RSS, PSS or USS, so a sum over the job's processes stays at
# 11 MiB while the group grows by 216. Rings and queues between the processes of a pipeline are of this kind.
# Seen on Linux 6.18, group of version 1: usage +100 and +116 MiB, PSS +1.
set -euo pipefail
[ -d /sys/fs/cgroup/memory ] && group=/sys/fs/cgroup/memory/finding usage=memory.usage_in_bytes || { group=/sys/fs/cgroup/finding usage=memory.current; }
mkdir -p "$group" && trap 'sleep 0.5; rmdir "$group"' EXIT || { echo "needs root" >&2; exit 2; }
uname -sr
python3 - "$group" "$usage" <<'PY'
import os, pathlib, resource, socket, sys
group = pathlib.Path(sys.argv[1])
(group / "cgroup.procs").write_text("0")
def figures():
    rows = dict(line.split(":") for line in pathlib.Path("/proc/self/smaps_rollup").read_text().splitlines()[1:])
    return int(rows["Pss"].split()[0]) >> 10, int((group / sys.argv[2]).read_text()) >> 20
resource.setrlimit(resource.RLIMIT_NOFILE, (2048, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
first = figures()
memfd = os.memfd_create("ring")
for _ in range(100):
    os.write(memfd, b"x" * (1 << 20))
written = figures()
pairs = [socket.socketpair() for _ in range(500)]
for sender, _ in pairs:
    sender.setblocking(False)
    try:
        while True:
            sender.send(b"x" * 65536)
    except BlockingIOError:
        pass
sent = figures()
print(f"group +{written[1] - first[1]} MiB by a memfd, +{sent[1] - written[1]} by sockets; PSS {first[0]}, then {sent[0]} MiB")
raise SystemExit(not (written[1] - first[1] >= 95 and sent[1] - written[1] > 60 and sent[0] - first[0] < 10))
PY
