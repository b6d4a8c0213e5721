#!/usr/bin/env bash
# ruptures has two searches for the same changes, Pelt in Python and KernelCPD in C, which agree on a job of two levels: one change
# at 50. With one of the hundred samples missing, as NaN, Pelt has a change at every second sample after it, and KernelCPD has none
# at all. Neither says a word.
# Seen with ruptures 1.1.10: 45 changes and 0.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check ruptures==1.1.10 numpy==2.4.6 scipy==1.17.1
venv/bin/python - <<'PY'
import warnings
import numpy, ruptures
def changes(sizes):
    by_pelt = ruptures.Pelt(model="l2", jump=1, min_size=2).fit(sizes).predict(pen=1000)
    by_kernel = ruptures.KernelCPD(kernel="linear", min_size=2).fit(sizes).predict(pen=1000)
    return [list(map(int, found[:-1])) for found in (by_pelt, by_kernel)]
sizes = numpy.array([100.0] * 50 + [200.0] * 50)
with warnings.catch_warnings(record=True) as told:
    warnings.simplefilter("always")
    whole = changes(sizes)
    sizes[10] = numpy.nan
    gap = changes(sizes)
print(f"ruptures 1.1.10, Pelt and KernelCPD: {whole}; with a missing sample {len(gap[0])} changes and {len(gap[1])}, warnings {len(told)}")
raise SystemExit(not (whole == [[50], [50]] and len(gap[0]) > 30 and gap[1] == [] and not told))
PY
