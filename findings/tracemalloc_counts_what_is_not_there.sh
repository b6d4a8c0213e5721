#!/usr/bin/env bash
# tracemalloc counts NumPy's zeros in full, though the kernel gives pages only when they are written;
# and it counts nothing of Arrow's buffers, which come from Arrow's own pool.
# Seen with NumPy 2.4.6, pyarrow 26.0.1: zeros traced 762 MiB, resident +1;
# an Arrow buffer traced 0 MiB, resident +153.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check numpy==2.4.6 pyarrow==26.0.1 psutil==7.2.2
venv/bin/python - <<'PY'
import ctypes, tracemalloc
import numpy as np, psutil, pyarrow as pa
def figures():
    return tracemalloc.get_traced_memory()[0] >> 20, psutil.Process().memory_info().rss >> 20
tracemalloc.start()
traced, resident = figures()
zeros = np.zeros(100_000_000)
of_zeros = figures()[0] - traced, figures()[1] - resident
traced, resident = figures()
buffer = pa.allocate_buffer(160_000_000)
ctypes.memset(buffer.address, 1, buffer.size)
of_arrow = figures()[0] - traced, figures()[1] - resident
print(f"traced and resident: zeros {of_zeros[0]} and {of_zeros[1]} MiB, Arrow {of_arrow[0]} and {of_arrow[1]} MiB")
raise SystemExit(not (of_zeros[0] > 700 and of_zeros[1] < 20 and of_arrow[0] < 5 and of_arrow[1] > 140))
PY
