#!/usr/bin/env bash
# Python's gc.collect(), gc.get_stats() and gc.callbacks give the number of objects that were collected. In 3.11 and
# 3.12 an instance has no dict of its own until somebody asks for it, by vars(), a debugger, a serializer or a profiler. So the
# same 1000 instances are 1000 collected objects, or 2000 after a look; 3.10 has 2000 in any case, 3.13 has 1000.
# Seen with Python 3.11.7: 1000 and 2000.
set -euo pipefail
python3 - <<'PY'
import gc, platform
class Row:
    pass
def collected(look):
    for _ in range(1000):
        row = Row()
        row.itself, row.size = row, 3
        if look:
            vars(row)
    del row
    return gc.collect()
gc.collect()
gc.disable()
plain, looked = collected(False), collected(True)
print(f"Python {platform.python_version()}: 1000 instances are {plain} collected objects, {looked} after vars()")
raise SystemExit((plain, looked) != (1000, 2000))
PY
