#!/usr/bin/env bash
# QuantiPhy reads a number with its scale factor and unit. It knows Ki, Mi and Gi only where binary=True is said; else the M is taken
# and the rest is the unit: 300 MiB are 300,000,000 "iB", a limit of 512Mi is 512,000,000 "i", and 1.5GiB written again is
# "1.5 GiB", so that nothing shows. "300 m" is 0.3.
# Seen with quantiphy 2.23.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check quantiphy==2.23
venv/bin/python - <<'PY'
from quantiphy import Quantity
read = [(Quantity(text).real, Quantity(text).units) for text in ("300 MiB", "512Mi", "1.5GiB")]
written, binary = str(Quantity("1.5GiB")), Quantity("300 MiB", binary=True).real
print(f"300 MiB, 512Mi, 1.5GiB: {read}; the last is written {written!r}; 300 MiB with binary=True: {binary}")
raise SystemExit(not (read == [(3e8, "iB"), (5.12e8, "i"), (1.5e9, "iB")] and written == "1.5 GiB" and binary == 314572800))
PY
