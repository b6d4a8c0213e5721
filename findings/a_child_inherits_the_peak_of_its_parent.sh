#!/usr/bin/env bash
# On Linux the largest resident set that wait4 reports of a child begins at what its parent held
# when it was started: exec does not set it back, whether fork, vfork or posix_spawn made the child.
# A harness in Python that holds 300 MiB sees 310 MiB for /bin/true; GNU time, small itself, sees 1.
# Seen on Linux 6.18, Python 3.11.7: 310, 310, and 1 under GNU time.
set -euo pipefail
uname -sr && python3 --version
python3 - <<'PY'
import os, subprocess
held = bytearray(b"x") * (300 << 20)
def largest(pid):
    return os.wait4(pid, 0)[2].ru_maxrss // 1024
child = subprocess.Popen(["/bin/true"])
popen = largest(child.pid)
child.returncode = 0
spawn = largest(os.posix_spawn("/bin/true", ["true"], {}))
print(f"largest resident set of /bin/true: {popen} MiB from Popen, {spawn} MiB from posix_spawn")
raise SystemExit(not (popen >= 300 and spawn >= 300))
PY
