#!/usr/bin/env bash
# Node's documentation says that the arrayBuffers of process.memoryUsage() are all ArrayBuffers and SharedArrayBuffers, and that
# they are a part of external. A SharedArrayBuffer is in the part and not in the whole: after one of 100 MiB arrayBuffers is 100
# MiB and external 1, so external without its buffers is minus 98 MiB, and heapTotal + external misses it. An ArrayBuffer is in
# both.
# Seen with Node 20.20.2.
set -euo pipefail
command -v node > /dev/null || { echo "needs Node" >&2; exit 2; }
node - <<'JS'
function grown(make) {
  const before = process.memoryUsage();
  const held = make();
  const after = process.memoryUsage();
  return [held.byteLength, after.arrayBuffers - before.arrayBuffers, after.external - before.external].map((bytes) => bytes >> 20);
}
const [size, shared, sharedExternal] = grown(() => new SharedArrayBuffer(100 << 20));
const [, own, ownExternal] = grown(() => new ArrayBuffer(100 << 20));
console.log(`Node ${process.version}, buffers of ${size} MiB: shared: arrayBuffers +${shared}, external +${sharedExternal}; own: +${own}, +${ownExternal}`);
process.exit(Number(!(shared >= 100 && sharedExternal <= 1 && own >= 100 && ownExternal >= 100)));
JS
