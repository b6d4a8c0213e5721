#!/usr/bin/env bash
# numeral reads sizes as texts: 1.5 GiB and 300 KB are right. It knows KB with a capital letter only and takes the number alone where it knows
# no unit: "307200 kB", as the kernel writes it in /proc, is 307200 bytes, and 300 kB by its own unit are 300. No error comes, and
# 300 MB and 300 kB of two columns differ by a million.
# Seen with numeral 2.0.6.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
command -v npm > /dev/null || { echo "needs Node and npm" >&2; exit 2; }
npm install --silent --no-fund --no-audit --prefix . numeral@2.0.6 > /dev/null
line=$(grep VmRSS /proc/self/status)
figures=$(node -p '
const numeral = require("numeral");
const [line] = process.argv.slice(1), kilobytes = parseInt(line.split(":")[1]);
[numeral(line.split(":")[1].trim()).value() === kilobytes, ...["307200 kB", "307200 KB", "300 MB", "1.5 GiB"].map((text) => numeral(text).value())].join(" ")' "$line")
echo "the kernel's line as bytes, 307200 kB, 307200 KB, 300 MB, 1.5 GiB: $figures"
[ "$figures" = "true 307200 307200000 300000000 1610612736" ]
