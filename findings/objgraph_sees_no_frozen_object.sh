#!/usr/bin/env bash
# gc.freeze(), which Python's pages advise before fork, takes objects out of collections. It takes them out of gc.get_objects()
# as well, said to be all objects tracked by the collector. Tools built on that list count nothing that was there before:
# objgraph and Pympler's muppy see 0 of 100,000 objects that are alive. guppy3 follows references and sees them.
# Seen with Python 3.11.7, objgraph 3.7.0, Pympler 1.1, guppy3 3.1.7: 100000 by each, then 0, 0 and 100000.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check objgraph==3.7.0 Pympler==1.1 guppy3==3.1.7
venv/bin/python - <<'PY'
import gc, platform
import guppy, objgraph
from pympler import muppy
class Row:
    pass
def figures():
    return objgraph.count("Row"), sum(isinstance(thing, Row) for thing in muppy.get_objects()), (heap.heap() & Row).count
heap = guppy.hpy()
held = [Row() for _ in range(100_000)]
before = figures()
gc.freeze()
after = figures()
print(f"Python {platform.python_version()}: objgraph, muppy, guppy3 count {before}, after gc.freeze() {after}; alive {len(held)}")
raise SystemExit(not (before == (100_000,) * 3 and after == (0, 0, 100_000)))
PY
