#!/usr/bin/env bash
# TOML's integers have 64 bits with a sign, and a reader that meets a larger one has to refuse it or to keep it. @iarna/toml makes a
# BigInt of it and cuts it to 64 bits: 18446744073709551615, the kernel's "no limit", is -1, a limit below every size, and 2^64+512 is
# 512. Python's tomllib keeps the number, smol-toml has an error.
# Seen with @iarna/toml 3.0.0, smol-toml 1.9.1.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
command -v npm > /dev/null || { echo "needs Node and npm" >&2; exit 2; }
npm install --silent --no-fund --no-audit --prefix . @iarna/toml@3.0.0 smol-toml@1.9.1 > /dev/null
cat > job.mjs <<'JS'
import iarna from "@iarna/toml";
import * as smol from "smol-toml";
const read = (parse, text) => { try { return String(parse(text).limit); } catch { return "refused"; } };
console.log(["18446744073709551615", "18446744073709552128"].flatMap((limit) => [iarna.parse, smol.parse].map((parse) => read(parse, `limit = ${limit}`))).join(" "));
JS
by_node=$(node job.mjs) by_python=$(python3 -c 'import tomllib; print(tomllib.loads("limit = 18446744073709551615")["limit"])')
echo "limits of 2^64-1 and 2^64+512, by @iarna/toml and smol-toml each: $by_node; 2^64-1 by tomllib: $by_python"
[ "$by_node" = "-1 refused 512 refused" ] && [ "$by_python" = 18446744073709551615 ]
