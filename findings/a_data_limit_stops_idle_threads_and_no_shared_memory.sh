#!/usr/bin/env bash
# RLIMIT_DATA, `ulimit -d`, counts private memory that can be written since Linux 4.7, whether it is used or not. Under a limit of 200
# MiB a job may write 300 MiB of shared memory, as workers and their parent use it, and have them all resident; a small job
# that starts threads which sleep is stopped after some twenty, for each has a stack of 8 MiB that it does not touch.
# Seen with Linux 6.18, glibc 2.36: 300 MiB of shared memory written, 313 resident; 23 threads, 13 MiB resident.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
cat > job.py <<'PY'
import mmap, os, resource, sys, threading
resource.setrlimit(resource.RLIMIT_STACK, (8 << 20, 8 << 20))
resource.setrlimit(resource.RLIMIT_DATA, (200 << 20, 200 << 20))
def resident():
    with open("/proc/self/statm") as pages:
        return int(pages.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") >> 20
if sys.argv[1] == "private":
    try:
        print(len(bytearray(300 << 20)) >> 20, resident())
    except MemoryError:
        print(0, resident())
elif sys.argv[1] == "shared":
    memory = mmap.mmap(-1, 300 << 20)
    for at in range(0, 300 << 20, 4096):
        memory[at] = 1
    print(len(memory) >> 20, resident())
else:
    started, end = 0, threading.Event()
    try:
        while started < 100:
            threading.Thread(target=end.wait).start()
            started += 1
    except RuntimeError:
        pass
    print(started, resident())
    end.set()
PY
read -r private private_resident < <(python3 job.py private)
read -r shared shared_resident < <(python3 job.py shared)
read -r threads threads_resident < <(python3 job.py threads)
echo "under a data limit of 200 MiB: of 300 MiB private $private ($private_resident resident), shared $shared ($shared_resident); idle threads $threads of 100 ($threads_resident)"
[ "$private" = 0 ] && [ "$shared" = 300 ] && [ "$shared_resident" -gt 300 ] && [ "$threads" -lt 40 ] && [ "$threads_resident" -lt 60 ]
