#!/usr/bin/env bash
# top (procps-ng 4.0.2) writes RES in KiB up to six digits; from about a GiB on it writes 1.2g, in batch
# mode too. A growth of 20 MiB is then in no line of the log; a column can hold both forms.
# Seen: 1.2g before and after, while VmRSS rose by 20 MiB.
set -euo pipefail
top -V
python3 - <<'PY'
import os, subprocess
def figures():
    line = subprocess.run(["top", "-b", "-n", "1", "-p", str(os.getpid())], capture_output=True, text=True, check=True).stdout.splitlines()[-1]
    with open("/proc/self/status") as file:
        resident = next(int(row.split()[1]) for row in file if row.startswith("VmRSS"))
    return line.split()[5], resident
held = [bytearray(b"x") * (1180 << 20)]
before = figures()
held.append(bytearray(b"x") * (20 << 20))
after = figures()
print(f"RES {before[0]}, then {after[0]}; VmRSS {before[1]} kB, then {after[1]} kB")
raise SystemExit(not (before[0] == after[0] and before[0].endswith("g") and after[1] - before[1] > 19_000))
PY
