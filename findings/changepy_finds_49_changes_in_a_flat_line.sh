#!/usr/bin/env bash
# changepy finds changes of mean and variance with PELT. A job at rest has the same size in each sample, so the variance of a piece is 0
# and its cost minus infinity or not a number: 100 equal samples have a change at every second one, and a step in the middle is one
# of these 49. NumPy warns of a division by zero; the list comes all the same. Normal noise of 1 MB leaves 30 changes beside the step.
# Seen with changepy 0.4.0.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check changepy==0.4.0 numpy==2.4.6
venv/bin/python - 2> /dev/null <<'PY'
import numpy
from changepy import pelt
from changepy.costs import normal_meanvar
def changes(sizes):
    return [int(at) for at in pelt(normal_meanvar(sizes), len(sizes)) if at]
flat, step = numpy.full(100, 300.0), numpy.repeat([300.0, 400.0], 50)
noise = numpy.random.default_rng(1).normal(0, 1, 100)
resting, risen, noisy = (changes(sizes) for sizes in (flat, step, step + noise))
print(f"changes in 100 samples of 300 MB: {len(resting)}, first {resting[:3]}; in 50 of 300 and 50 of 400: {len(risen)}, with noise {len(noisy)}")
raise SystemExit(not (len(resting) == len(risen) == 49 and resting[:3] == [2, 4, 6] and len(noisy) > 10))
PY
