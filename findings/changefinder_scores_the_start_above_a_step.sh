#!/usr/bin/env bash
# changefinder scores each sample of a stream by how much of a change it is. Its model begins at zero, so the arrival of the first
# sizes is the largest change it ever sees: of 200 samples at 300 MB and 200 at 400, with noise of 1, the highest score is at sample 7,
# four times that of the step. From 300 to 310 MB the step is in no score. A threshold read off the largest score finds the start.
# Seen with changefinder 0.3: 41.7 at sample 7 and 9.3 at the step; from 300 to 310 4.9, where 4.9 came before.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check changefinder==0.3 numpy==2.4.6
venv/bin/python - 2> /dev/null <<'PY'
import changefinder, numpy
def scores(after):
    finder = changefinder.ChangeFinder(r=0.02, order=1, smooth=5)
    sizes = numpy.repeat([300.0, after], 200) + numpy.random.default_rng(1).normal(0, 1, 400)
    return numpy.array([float(finder.update(size)) for size in sizes])
large, small = scores(400), scores(310)
print(f"highest score {large.max():.1f} at sample {large.argmax()}, from the step on {large[200:].max():.1f}; "
      f"of a step by 10 {small[200:].max():.1f}, before it {small[199]:.1f}")
raise SystemExit(not (large.argmax() < 20 and large.max() > 3 * large[200:].max() and small[200:].max() < 1.1 * small[199]))
PY
