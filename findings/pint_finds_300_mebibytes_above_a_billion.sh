#!/usr/bin/env bash
# Pint's byte has no dimension, as an angle has none, and its base is the bit. So a size may be compared with a plain number, or made a
# float, without a word, and is then in bits: a job of 300 MiB is above a limit of 1e9, and float() of it is 2516582400. Other units raise
# an error there. m_as("byte") has the bytes.
# Seen with Pint 0.25.3.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check pint==0.25.3
venv/bin/python -W error - <<'PY'
import pint
units = pint.UnitRegistry()
job, length = 300 * units.MiB, 300 * units.meter
figures = job > 1e9, float(job), job.m_as("byte")
try:
    refused = length > 1e9
except Exception as error:
    refused = type(error).__name__
print(f"pint {pint.__version__}: 300 MiB above 1e9 {figures[0]}, as a float {figures[1]:.0f}, in bytes {figures[2]}; 300 metres: {refused}")
raise SystemExit(not (figures == (True, 2516582400, 314572800) and refused not in (True, False)))
PY
