#!/usr/bin/env bash
# pyarrow 26.0.1 (mimalloc): when all buffers are gone, total_allocated_bytes() is 0 and the process is as large
# as before, for as long as nothing is allocated. release_unused() gives it back; the
# system pool gives it back by itself.
# Seen: 346 MiB resident two seconds after the last buffer, 8 after release_unused().
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check pyarrow==26.0.1 psutil==7.2.2
venv/bin/python - <<'PY'
import ctypes, time
import psutil, pyarrow as pa
def resident():
    return psutil.Process().memory_info().rss >> 20
pool, before = pa.mimalloc_memory_pool(), resident()
held = [pa.allocate_buffer(1 << 20, memory_pool=pool) for _ in range(300)]
for buffer in held:
    ctypes.memset(buffer.address, 1, buffer.size)
del buffer
held.clear()
time.sleep(2)
idle = resident() - before
pool.release_unused()
released = resident() - before
print(f"pyarrow {pa.__version__}: {pool.bytes_allocated()} bytes allocated, resident +{idle} MiB, after release_unused +{released}")
raise SystemExit(not (pool.bytes_allocated() == 0 and idle > 250 and released < 60))
PY
