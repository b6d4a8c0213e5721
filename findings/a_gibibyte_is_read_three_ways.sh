#!/usr/bin/env bash
# `free -h` and Kubernetes write Gi, people write GiB. Readers of sizes that do not know a unit guess: Python's humanfriendly
# goes by its first letter, so 1Gi is 10**9, while 1GiB is 2**30; npm's bytes, whose page names kb to pb, takes the number
# without the unit, so 1Gi, 1GiB and 1G are one byte and 512 MiB are 512. None of them is an error.
# Seen with humanfriendly 10.0, bytes 3.1.2; Dask's parse_bytes and the Rust crates bytesize and parse-size read 2**30.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
command -v npm > /dev/null || { echo "needs Node and npm" >&2; exit 2; }
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check humanfriendly==10.0
npm install --silent --no-fund --no-audit --prefix . bytes@3.1.2 > /dev/null
by_python=$(venv/bin/python -c 'from humanfriendly import parse_size; print(*map(parse_size, ("1Gi", "1GiB", "512 MiB")))')
by_node=$(node -p '["1Gi", "1GiB", "512 MiB"].map(require("bytes").parse).join(" ")')
echo "1Gi, 1GiB and 512 MiB: humanfriendly $by_python; bytes $by_node"
[ "$by_python" = "1000000000 1073741824 536870912" ] && [ "$by_node" = "1 1 512" ]
