#!/usr/bin/env bash
# Pympler's asizeof is for the size of an object with all that it refers to. It does not look into a deque, nor into a NumPy
# array of objects: 5 MB of bytes are 0.8 kB in the one and 100 MB are 8 kB in the other, without a word. Ten views of an array
# of 80 MB, each a tenth of it, are 160 MB, though what is shared is said to count once: the array, and each part again.
# Seen with Pympler 1.1, NumPy 2.4.6: 760 and 8128 bytes; list of the same 5 MB 5; array 80, its ten views 160 MB.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check Pympler==1.1 numpy==2.4.6
venv/bin/python - <<'PY'
import collections
import numpy
from pympler.asizeof import asizeof
parts = [bytes(1_000_000) for _ in range(5)]
objects = numpy.empty(1000, dtype=object)
objects[:] = [bytes(100_000) for _ in range(1000)]
array = numpy.ones(10_000_000)
small = asizeof(collections.deque(parts)), asizeof(objects)
large = [asizeof(thing) // 1_000_000 for thing in (parts, array, [array[start::10] for start in range(10)])]
print(f"asizeof: deque of 5 MB {small[0]} bytes, array of 100 MB of objects {small[1]}; in MB: list {large[0]}, "
      f"array {large[1]}, its ten views {large[2]}")
raise SystemExit(not (small[0] < 10_000 and small[1] < 100_000 and large == [5, 80, 160]))
PY
