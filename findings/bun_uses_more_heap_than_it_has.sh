#!/usr/bin/env bash
# Bun has Node's process.memoryUsage(). In Node heapUsed is a part of heapTotal, and buffers are in arrayBuffers and external. In Bun
# 300 MiB of buffers are in heapUsed, which is then more than a hundred times heapTotal, and arrayBuffers is 0. A monitor that
# alerts on heapUsed / heapTotal, or adds external to heapUsed, counts what is not there.
# Seen with Bun 1.4.5: heapUsed 231 of a heapTotal of 1 MiB.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
command -v npm > /dev/null || { echo "needs Node and npm" >&2; exit 2; }
npm install --silent --no-fund --no-audit --prefix . bun@1.4.5 > /dev/null
cat > job.js <<'JS'
const held = Array.from({ length: 300 }, () => new Uint8Array(1 << 20).fill(1));
const { rss, heapTotal, heapUsed, external, arrayBuffers } = process.memoryUsage();
console.log(...[rss, heapTotal, heapUsed, external, arrayBuffers, held.length << 20].map((bytes) => bytes >> 20));
JS
bun=$(find node_modules -type f -name "bun*" -size +50M | head -1)
read -r _ node_total node_used node_external node_buffers _ < <(node job.js)
read -r resident total used external buffers held < <("$bun" job.js)
echo "$held MiB of buffers, in Node: heapTotal $node_total, heapUsed $node_used, external $node_external, arrayBuffers $node_buffers"
echo "in Bun $("$bun" --version): heapTotal $total, heapUsed $used, external $external, arrayBuffers $buffers, resident $resident"
[ "$node_used" -le "$node_total" ] && [ "$node_buffers" -ge 300 ] && [ "$used" -gt $((total * 20)) ] && [ "$buffers" = 0 ] && [ "$resident" -ge 300 ]
