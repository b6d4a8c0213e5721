#!/usr/bin/env bash
# Dask's "managed" memory, by which it moves results between workers and spills them, is the sum of dask.sizeof. Of a list or
# dict with more than ten members it weighs ten that it draws at random and multiplies. Its pages warn of types that it does
# not know; these are plain dicts and bytes, and the same object has another size at each call.
# Seen with dask 2026.8.0: between 0.1 and 200 MB in 200 calls for a dict that holds 10 MB.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check dask==2026.8.0
venv/bin/python - <<'PY'
from dask.sizeof import sizeof
results = {number: bytes(10) if number % 100 else bytes(1_000_000) for number in range(1000)}
held = sum(map(len, results.values())) / 1e6
sizes = [sizeof(results) / 1e6 for _ in range(200)]
print(f"a dict that holds {held:.0f} MB: from {min(sizes):.1f} to {max(sizes):.1f} MB in {len(sizes)} calls")
raise SystemExit(not (min(sizes) < 1 and max(sizes) > 90))
PY
