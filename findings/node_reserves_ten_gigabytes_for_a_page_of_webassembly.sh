#!/usr/bin/env bash
# Node reserves about 10 GB of addresses for each WebAssembly memory, so that its code needs no check of bounds: ten memories of one page,
# 640 KiB together, make a process of 0.7 GB one of 100, by ps, and a job under `ulimit -v` gets a RangeError for the first. A
# memory of 300 MiB is 300 MiB of "external" in memoryUsage() as soon as it is made, and of nothing in the resident set.
# Seen with Node 20.20.2: +10 GB each; external +300 MiB, resident +0.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
command -v node > /dev/null || { echo "needs Node" >&2; exit 2; }
cat > job.js <<'JS'
const addresses = () => Number(require("fs").readFileSync("/proc/self/statm", "utf8").split(" ")[0]) * 4096;
const used = () => { const { rss, external } = process.memoryUsage(); return { rss, external, addresses: addresses() }; };
const held = [], start = used();
for (let memory = 0; memory < 10; memory++) held.push(new WebAssembly.Memory({ initial: 1 }));
const pages = used();
held.push(new WebAssembly.Memory({ initial: 4800 }));
const large = used(), mebibytes = (bytes) => Math.round(bytes / 1048576);
console.log(mebibytes(pages.addresses - start.addresses), mebibytes(pages.rss - start.rss), mebibytes(large.external - pages.external), mebibytes(large.rss - pages.rss));
JS
read -r addresses resident external large < <(node job.js)
limited=$(bash -c 'ulimit -v 8000000; exec node -e "try { new WebAssembly.Memory({ initial: 1 }); console.log(\"made\") } catch (error) { console.log(error.name) }"' 2> /dev/null || true)
echo "Node $(node --version): ten memories of 64 KiB, in MiB: addresses +$addresses, resident +$resident; one of 300 MiB: external +$external, resident +$large; under 8 GB of addresses: $limited"
[ "$addresses" -gt 80000 ] && [ "$resident" -lt 20 ] && [ "$external" -ge 300 ] && [ "$large" -lt 20 ] && [ "$limited" = RangeError ]
