#!/usr/bin/env bash
# humanfriendly's parse_size knows GiB as 2**30. Gi, as `free -h` and Kubernetes write it, is 10**9: a unit
# that it does not know is taken by its first letter. The result is 7 % too small without an error (for Ti 9 %), so that a
# limit copied from a pod is set too low; Dask's parse_bytes reads the same text as 2**30.
# Seen with humanfriendly 10.0: 1Gi is 1000000000, 1GiB 1073741824.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check humanfriendly==10.0
venv/bin/python - <<'PY'
from humanfriendly import parse_size
short, long = parse_size("1Gi"), parse_size("1GiB")
print(f"humanfriendly 10.0: 1Gi is {short}, 1GiB {long}")
raise SystemExit(not (short == 10**9 and long == 2**30))
PY
