#!/usr/bin/env bash
# sysconf(_SC_AVPHYS_PAGES) is "the number of currently available pages of physical memory" and stands in many programs that ask how much
# they may take. It is the kernel's MemFree: what files have in the cache is not available by it, though the kernel gives it back
# as soon as it is needed. When a file of 512 MiB is dropped from the cache, sysconf has as much more, and MemAvailable, which no
# name of sysconf has, nothing.
# Seen with glibc 2.36 on Linux 6.18: sysconf +513 MiB, MemAvailable +1.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
cat > job.py <<'PY'
import os
def available():
    with open("/proc/meminfo") as lines:
        fields = {line.split(":")[0]: int(line.split()[1]) >> 10 for line in lines}
    return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") >> 20, fields["MemFree"], fields["MemAvailable"]
with open("file", "wb") as file:
    for _ in range(512):
        file.write(bytes(1 << 20))
    file.flush()
    os.fsync(file.fileno())
    before = available()
    os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    after = available()
rose = [now - then for then, now in zip(before, after)]
print(f"after a file of 512 MiB left the cache, in MiB: sysconf {before[0]} to {after[0]}, MemFree {before[1]} to {after[1]}, MemAvailable {before[2]} to {after[2]}")
raise SystemExit(not (rose[0] - rose[2] > 400 and abs(rose[0] - rose[1]) < 50))
PY
python3 job.py
