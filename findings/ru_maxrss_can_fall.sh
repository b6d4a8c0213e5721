#!/usr/bin/env bash
# Writing 5 to /proc/PID/clear_refs sets back VmHWM, as proc(5) says. It takes ru_maxrss with it: the
# "maximum resident set size" of getrusage, and so of `time -v` and of schedulers, is then
# the highest since that write only. Whoever measures parts of a job that way hides its peak from others.
# Seen on Linux 6.18: 308 MiB, then 8; the parent's wait4 reports 8 too.
set -euo pipefail
uname -sr
python3 - <<'PY'
import os, resource
def largest(who=resource.RUSAGE_SELF):
    return resource.getrusage(who).ru_maxrss // 1024
pid = os.fork()
if pid == 0:
    held = bytearray(b"x") * (300 << 20)
    del held
    before = largest()
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")
    print(f"ru_maxrss {before} MiB, after clear_refs {largest()} MiB", flush=True)
    os._exit(not (before >= 300 and largest() < 100))
_, status, usage = os.wait4(pid, 0)
print(f"its parent is told {usage.ru_maxrss // 1024} MiB")
raise SystemExit(os.waitstatus_to_exitcode(status) or not usage.ru_maxrss // 1024 < 100)
PY
