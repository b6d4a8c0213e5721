#!/usr/bin/env bash
# notepack.io writes a whole number to MessagePack as an integer of 64 bits, however large it is. The kernel's "no limit", 2^64 as a
# number of JavaScript, is 0 when it is read back, in Python too, and 1e20 is 7766279631452242000. @msgpack/msgpack writes both
# as doubles.
# Seen with notepack.io 3.0.1, @msgpack/msgpack 3.1.2, Python's msgpack 1.1.2.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
command -v npm > /dev/null || { echo "needs Node and npm" >&2; exit 2; }
npm install --silent --no-fund --no-audit --prefix . notepack.io@3.0.1 @msgpack/msgpack@3.1.2 > /dev/null
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check msgpack==1.1.2
cat > job.js <<'JS'
const notepack = require("notepack.io"), msgpack = require("@msgpack/msgpack"), sizes = [18446744073709551615, 1e20, 3221225472];
require("fs").writeFileSync("sizes", notepack.encode(sizes));
console.log(notepack.decode(notepack.encode(sizes)).join(" "), msgpack.decode(msgpack.encode(sizes)).join(" "));
JS
by_node=$(node job.js) by_python=$(venv/bin/python -c 'import msgpack; print(*msgpack.unpackb(open("sizes", "rb").read()))')
echo "2^64-1, 1e20 and 3221225472 by notepack.io and by @msgpack/msgpack: $by_node; the first file in Python: $by_python"
[ "$by_node" = "0 7766279631452242000 3221225472 18446744073709552000 100000000000000000000 3221225472" ] && [ "$by_python" = "0 7766279631452241920 3221225472" ]
