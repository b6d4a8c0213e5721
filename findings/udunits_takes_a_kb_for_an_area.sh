#!/usr/bin/env bash
# The units of NetCDF files are read with UDUNITS, which has the byte by its long name only: MB, kB and MiB are errors, and kb and Mb,
# as some write them, are taken for kilobarns and megabarns, areas of 1e-25 and 1e-22 square metres. The byte has no dimension
# of its own but is the number 8, so a size in bytes can be converted to a share or a percentage without an error.
# Seen with cf-units 3.3.1.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check cf-units==3.3.1
venv/bin/python - <<'PY'
from cf_units import Unit
def read(name):
    try:
        return str(Unit(name).definition)
    except ValueError:
        return "an error"
units = {name: read(name) for name in ("MB", "kB", "MiB", "kb", "Mb", "Mbyte")}
percent = Unit("byte").convert(300, "percent")
print(f"cf-units 3.3.1: {units}; 300 bytes are {percent:.0f} percent")
raise SystemExit(not (units == {"MB": "an error", "kB": "an error", "MiB": "an error", "kb": "1e-25 m2", "Mb": "1e-22 m2", "Mbyte": "8000000 1"} and round(percent) == 240000))
PY
