#!/usr/bin/env bash
# distributed.system.memory_limit, from which a worker's default limit comes, says that it takes the control group's limit
# into account. It reads the one at the top of the mounted tree, not that of the group the process is in. Inside a container
# the two are one; under Slurm or systemd a worker in a group of 500 MiB plans with all of the machine. DuckDB sees the 500.
# Seen with distributed 2026.8.0, DuckDB 2.0.0, group of version 1: 24105 MiB; DuckDB's memory_limit 400.0 MiB, its usual 80
# %.
set -euo pipefail
here=$(mktemp -d)
[ -d /sys/fs/cgroup/memory ] && group=/sys/fs/cgroup/memory/finding limit=memory.limit_in_bytes || { group=/sys/fs/cgroup/finding limit=memory.max; }
mkdir -p "$group" && trap 'sleep 0.5; rmdir "$group"; rm -rf "$here"' EXIT && cd "$here" || { echo "needs root" >&2; exit 2; }
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check distributed==2026.8.0 duckdb==2.0.0 psutil==7.2.2
echo 500M > "$group/$limit"
venv/bin/python - "$group/cgroup.procs" <<'PY'
import pathlib, sys
pathlib.Path(sys.argv[1]).write_text("0")
import duckdb
from distributed.system import MEMORY_LIMIT
by_duckdb = duckdb.sql("SELECT current_setting('memory_limit')").fetchall()[0][0]
print(f"in a group of 500 MiB: distributed {MEMORY_LIMIT >> 20} MiB, DuckDB {by_duckdb}")
raise SystemExit(not (MEMORY_LIMIT >> 20 > 500 and by_duckdb.endswith(" MiB")))
PY
