#!/usr/bin/env bash
# Kubernetes' page on memory has five ways to write about the same size: 128974848, 129e6, 129M, 128974848000m, 123Mi. npm's
# kubernetes-resource-parser reads the second as 129 bytes and the fourth as NaN, and a limit of 1.5Gi as one
# byte. No error comes; whole numbers of M and Mi are right.
# Seen with kubernetes-resource-parser 0.1.0.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
command -v npm > /dev/null || { echo "needs Node and npm" >&2; exit 2; }
npm install --silent --no-fund --no-audit --prefix . kubernetes-resource-parser@0.1.0 > /dev/null
sizes=(128974848 129e6 129M 128974848000m 123Mi 1.5Gi)
read_by_node=$(node -p 'process.argv.slice(1).map(require("kubernetes-resource-parser").memoryParser).join(" ")' "${sizes[@]}")
echo "kubernetes-resource-parser 0.1.0: ${sizes[*]} are $read_by_node bytes"
[ "$read_by_node" = "128974848 129 129000000 NaN 128974848 1" ]
