#!/usr/bin/env bash
# A monitor of the simulation library salabim keeps what it is given. A value that is no number, None or N/A, is zero in its mean,
# minimum and percentiles: of 100, None and 900 MB the mean is 333 and the smallest 0. ex0=True, which leaves zeros out, leaves the
# missing ones out too, and true zeros with them.
# Seen with salabim 26.0.9.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check salabim==26.0.9
venv/bin/python -W error - <<'PY'
import salabim
def monitor(*values):
    sizes = salabim.Monitor("sizes")
    for value in values:
        sizes.tally(value)
    return sizes
salabim.Environment(yieldless=False)
gap, marked = monitor(100, None, 900), monitor(100, "N/A", 900)
found = [(round(sizes.mean()), sizes.minimum(), sizes.number_of_entries()) for sizes in (gap, marked)]
idle = monitor(100, None, 0, 900).mean(ex0=True)
print(f"mean, smallest and number of 100, None, 900: {found[0]}; with N/A: {found[1]}; mean of 100, None, 0, 900 with ex0: {idle:.0f}")
raise SystemExit(not (found == [(333, 0, 3)] * 2 and idle == 500))
PY
