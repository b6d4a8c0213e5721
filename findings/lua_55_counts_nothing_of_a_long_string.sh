#!/usr/bin/env bash
# collectgarbage("count") is described as the total memory in use by Lua, in kilobytes. Since 5.5 string.rep, table.concat and
# the reading of a file leave a long string outside of what the collector counts: with 300 strings of 1 MiB held it is 0.04 MiB,
# in 5.4 300.04. The sum that lupa takes at the allocator is right in both.
# Seen with lupa 2.8, which has Lua 5.4 and 5.5.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check lupa==2.8
cat > job.py <<'PY'
import importlib
import sys

figures = {}
for name in ("lua54", "lua55"):
    lua = importlib.import_module(f"lupa.{name}").LuaRuntime(max_memory=0)
    counts = []
    for make in ("string.rep('x', 1048576)", "table.concat({string.rep('x', 1048575), 'y'})", "io.open('/dev/zero'):read(1048576)"):
        lua.execute(f"held = nil collectgarbage() held = {{}} for i = 1, 300 do held[i] = {make} end")
        counts.append(lua.eval("(collectgarbage('count'))") / 1024)
    figures[name] = counts, lua.get_memory_used() / 2**20
    print(name, "300 strings of 1 MiB by rep, concat and read: count", *(f"{count:.2f}" for count in counts), f"MiB, at the allocator {figures[name][1]:.0f}")
(old, _), (new, allocated) = figures["lua54"], figures["lua55"]
sys.exit(not (min(old) >= 299 and max(new) < 2 and allocated >= 300))
PY
venv/bin/python job.py
