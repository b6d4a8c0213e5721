#!/usr/bin/env bash
# Compressed logs are appended to as further gzip members, which RFC 1952 says a reader must all take, and gzip, Node and fflate's own
# stream class do. fflate's gunzipSync, and the decompressSync of its page's examples, end at the first member and leave
# out the rest of the samples, without an error.
# Seen with fflate 0.8.3, Node 20.20.2: one line of two.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
command -v npm > /dev/null || { echo "needs Node and npm" >&2; exit 2; }
npm install --silent --no-fund --no-audit --prefix . fflate@0.8.3 > /dev/null
for second in 1 2; do echo "{\"second\": $second, \"rss\": 300000000}" | gzip >> samples.json.gz; done
cat > job.js <<'JS'
const fflate = require("fflate"), fs = require("fs"), zlib = require("zlib");
const file = fs.readFileSync("samples.json.gz");
const lines = (bytes) => Buffer.from(bytes).toString().trim().split("\n").length;
const pieces = [];
new fflate.Gunzip((piece) => pieces.push(Buffer.from(piece))).push(file, true);
const found = [zlib.gunzipSync(file), Buffer.concat(pieces), fflate.gunzipSync(file), fflate.decompressSync(file)].map(lines);
console.log(`lines of two members: Node ${found[0]}, fflate's Gunzip ${found[1]}, gunzipSync ${found[2]}, decompressSync ${found[3]}`);
process.exit(Number(found.join() !== "2,2,1,1"));
JS
node job.js
