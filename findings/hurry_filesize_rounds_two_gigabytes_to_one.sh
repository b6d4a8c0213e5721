#!/usr/bin/env bash
# PyPI's hurry.filesize cuts a size to whole units without rounding: a job of 2,147,483,647 bytes, a byte less than 2 GiB, is "1G", and so
# is one half as large. Two peaks that differ by a factor of two look the same, and each figure is too small by up to half.
# humanize has 2.0G and 1.0G for these.
# Seen with hurry.filesize 0.9, humanize 4.17.0.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check hurry.filesize==0.9 setuptools==80.9.0 humanize==4.17.0
venv/bin/python - <<'PY'
import warnings
warnings.simplefilter("ignore")
import humanize
from hurry.filesize import size
sizes = (1 << 30, (2 << 30) - 1)
found, other = [size(bytes) for bytes in sizes], [humanize.naturalsize(bytes, gnu=True) for bytes in sizes]
print(f"{sizes[0]} and {sizes[1]} bytes: hurry.filesize {found}, humanize {other}")
raise SystemExit(not (found == ["1G", "1G"] and other == ["1.0G", "2.0G"]))
PY
