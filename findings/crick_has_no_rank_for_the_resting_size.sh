#!/usr/bin/env bash
# crick is the t-digest that Dask takes for percentiles. Its cdf is by its page the fraction of all points
# which are <= x. Of a job that held 100 MB in 1000 samples and 900 in one it is 0 for 100 MB, and 0.9985 for a byte more: "how often
# did it fit into 100 MB" is never, where it is always but once. datasketches counts equal ones half and says a half.
# Seen with crick 0.0.8, datasketches 5.2.0.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check crick==0.0.8 datasketches==5.2.0 numpy==2.4.6
venv/bin/python - <<'PY'
import crick, datasketches, numpy
sizes = numpy.array([100.0] * 1000 + [900.0])
digest, other = crick.TDigest(), datasketches.tdigest_double(100)
digest.update(sizes)
for size in sizes:
    other.update(float(size))
found = [round(float(digest.cdf(size)), 4) for size in (100, 100.000001)]
print(f"share at 100 MB and at a byte more: crick {found}; datasketches {other.get_rank(100.0):.4f}; true {(sizes <= 100).mean():.4f}")
raise SystemExit(not (found[0] == 0 and found[1] > 0.99 and digest.quantile(0.5) == 100))
PY
