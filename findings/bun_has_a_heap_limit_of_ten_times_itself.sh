#!/usr/bin/env bash
# Programs look at v8.getHeapStatistics().heap_size_limit to stop before their memory ends; npm does. Bun answers with ten times the
# largest memory it has had, so the limit runs ahead of what is used: 271 MiB at the start, over 3 GiB when 300 MiB are held, and
# still so when they are freed. What is used is never more than a tenth of it.
# Seen with Bun 1.4.5 on a machine of 24 GB, which is the bound; Node 20.20.2 has 4144 MiB each time.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
command -v npm > /dev/null || { echo "needs Node and npm" >&2; exit 2; }
npm install --silent --no-fund --no-audit --prefix . bun@1.4.5 > /dev/null
cat > job.js <<'JS'
const limits = [];
const look = () => limits.push(Math.floor(require("v8").getHeapStatistics().heap_size_limit / 2 ** 20));
look();
globalThis.held = Array.from({ length: 300 }, () => new Uint8Array(1 << 20).fill(1));
look();
globalThis.held = null;
globalThis.Bun?.gc(true);
look();
console.log(...limits);
JS
bun=$(find node_modules -type f -name "bun*" -size +50M | head -1)
node=$(node job.js)
read -r start held freed < <("$bun" job.js)
echo "heap_size_limit in MiB at the start, with 300 MiB and after: Node $node, Bun $("$bun" --version) $start $held $freed"
[ "$(printf '%s\n' $node | sort -u | wc -l)" = 1 ] && [ "$start" -lt 1000 ] && [ "$held" -gt 3000 ] && [ "$freed" -gt 3000 ]
