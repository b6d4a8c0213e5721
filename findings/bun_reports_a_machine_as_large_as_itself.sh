#!/usr/bin/env bash
# Node's diagnostic report tells the memory of the machine and what is free of it, in bytes. Bun writes such a report too, with
# its own largest resident set in kilobytes as total_memory, free_memory and available_memory: on a machine of 24 GB a job of
# 300 MiB has a total of 341,320 "bytes". maxRss beside it is in bytes and right.
# Seen with Bun 1.4.5, beside Node 20.20.2.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
command -v npm > /dev/null || { echo "needs Node and npm" >&2; exit 2; }
npm install --silent --no-fund --no-audit --prefix . bun@1.4.5 > /dev/null
cat > job.js <<'JS'
const held = Array.from({ length: 300 }, () => new Uint8Array(1 << 20).fill(1));
const { total_memory: total, free_memory: free, maxRss } = process.report.getReport().resourceUsage;
console.log(total, free, maxRss, held.length);
JS
bun=$(find node_modules -type f -name "bun*" -size +50M | head -1)
machine=$(awk '/^MemTotal/ { printf "%.0f", $2 * 1024 }' /proc/meminfo)
read -r node _ < <(node job.js)
read -r total free largest _ < <("$bun" job.js)
echo "a machine of $machine bytes: total_memory in Node $node; in Bun $("$bun" --version) $total, free $free, maxRss $largest"
[ "$node" = "$machine" ] && [ "$total" = "$free" ] && [ $((total * 1024)) -ge $((largest - (8 << 20))) ] && [ $((total * 1024)) -le $((largest + (8 << 20))) ]
