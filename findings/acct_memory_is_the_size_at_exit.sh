#!/usr/bin/env bash
# Process accounting: acct(5) calls the field ac_mem, which `dump-acct` prints and `sa -k` sums, the average memory usage in
# kB. The kernel writes the address space mapped at the moment of exit. A job that gave 300 MiB back before its end has an
# average of 17 MB, and one that only mapped 2 GiB and touched none of it has 2 GiB.
# Seen on Linux 6.18: 16, 316 (ended while holding 300 MiB) and 2064 MiB.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
[ "$(id -u)" -eq 0 ] && [ ! -e /var/log/account/pacct ] || { echo "needs root, and no process accounting of the system's own" >&2; exit 2; }
uname -sr && touch pacct
python3 - <<'PY'
import ctypes, struct, subprocess
libc = ctypes.CDLL(None, use_errno=True)
JOBS = ("del held", "import os; os._exit(0)", "del held; import mmap, os; mapped = mmap.mmap(-1, 2 << 30); os._exit(0)")
if libc.acct(b"pacct") != 0:
    raise SystemExit("no process accounting in this kernel")
try:
    pids = []
    for job in JOBS:
        with subprocess.Popen(["/usr/bin/python3", "-S", "-c", "held = bytearray(b'x') * (300 << 20); " + job]) as child:
            pids.append(child.pid)
finally:
    libc.acct(None)
with open("pacct", "rb") as file:
    records = list(iter(lambda: file.read(64), b""))
def memory(pid):
    record = next(record for record in records if struct.unpack_from("<I", record, 16)[0] == pid)
    packed = struct.unpack_from("<H", record, 36)[0]
    return (packed & 0x1FFF) << 3 * (packed >> 13) >> 10
freed, held, mapped = map(memory, pids)
print(f"ac_mem: {freed} MiB after 300 MiB were freed, {held} with them held, {mapped} with 2 GiB mapped and not touched")
raise SystemExit(not (freed < 60 and held >= 300 and mapped >= 2048))
PY
