#!/usr/bin/env bash
# Node's prom-client exports process_heap_bytes, "Process heap size in bytes". It is VmData of /proc, the writable address space: a
# program that has reserved 2 GiB and written to none of it has a heap of 2.2 GB beside 55 MB resident and 7 MB of
# nodejs_heap_size_total_bytes. An alarm on it rings for memory that is not there.
# Seen with prom-client 15.1.3, Node 20.20.2.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
command -v npm > /dev/null || { echo "needs Node and npm" >&2; exit 2; }
npm install --silent --no-fund --no-audit --prefix . prom-client@15.1.3 > /dev/null
cat > job.js <<'JS'
const client = require("prom-client");
client.collectDefaultMetrics();
const held = [Buffer.alloc(2 ** 30), Buffer.alloc(2 ** 30)];
client.register.metrics().then((text) => {
  const figure = (name) => Math.round(Number(text.match(new RegExp(`^${name} (\\d+)`, "m"))[1]) / 1e6);
  const [heap, resident, node] = ["process_heap_bytes", "process_resident_memory_bytes", "nodejs_heap_size_total_bytes"].map(figure);
  console.log(`prom-client 15.1.3 on Node ${process.version}, MB: process_heap_bytes ${heap}, resident ${resident}, Node's heap ${node}`);
  process.exit(Number(!(held.length === 2 && heap > 2000 && resident < 300 && node < 50)));
});
JS
node job.js
