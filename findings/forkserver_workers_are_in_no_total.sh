#!/usr/bin/env bash
# Python's forkserver, the default on Linux from 3.14 on, starts workers as children of a server process that the job never
# waits for. So their memory is not in RUSAGE_CHILDREN, not even after the pool was closed and joined, and not in what GNU
# time or a scheduler that waits for the job gets. The pages on start methods do not say so. The same pool by fork is seen.
# Seen with Python 3.11.7, workers of 300 MiB: RUSAGE_CHILDREN and GNU time 311 and 311 by fork, 3 and 15 by forkserver.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
[ -x /usr/bin/time ] || { echo "needs GNU time: apt-get install time" >&2; exit 2; }
cat > job.py <<'PY'
import multiprocessing, resource, sys
def work(_):
    return len(bytearray(b"x") * (300 << 20))
if __name__ == "__main__":
    with multiprocessing.get_context(sys.argv[1]).Pool(2) as pool:
        pool.map(work, range(2))
        pool.close()
        pool.join()
    print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10)
PY
figures() { /usr/bin/time -o "$1.txt" -f %M python3 job.py "$1" && echo $(($(cat "$1.txt") / 1024)); }
read -r -d '' fork_children fork_time server_children server_time < <(echo $(figures fork) $(figures forkserver); printf '\0')
echo "$(python3 --version): RUSAGE_CHILDREN and GNU time: fork $fork_children and $fork_time MiB, forkserver $server_children and $server_time"
[ "$fork_children" -ge 300 ] && [ "$fork_time" -ge 300 ] && [ "$server_children" -lt 60 ] && [ "$server_time" -lt 60 ]
