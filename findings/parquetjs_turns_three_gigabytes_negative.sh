#!/usr/bin/env bash
# The page of npm's @dsnp/parquetjs lists UINT_32 and UINT_64 among its types. It reads both as signed: a size of 3 GB in a column of
# uint32, as polars or pyarrow write it, is -1294967296, and "no limit", 18446744073709551615, is -1. hyparquet has both
# right. None of them is an error.
# Seen with @dsnp/parquetjs 1.8.8, hyparquet 1.31.5; the file by pyarrow 26.0.1.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
command -v npm > /dev/null || { echo "needs Node and npm" >&2; exit 2; }
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check pyarrow==26.0.1
npm install --silent --no-fund --no-audit --prefix . @dsnp/parquetjs@1.8.8 hyparquet@1.31.5 > /dev/null
venv/bin/python - <<'PY'
import pyarrow
from pyarrow import parquet
columns = {"size": pyarrow.array([3_000_000_000], pyarrow.uint32()), "limit": pyarrow.array([2**64 - 1], pyarrow.uint64())}
parquet.write_table(pyarrow.table(columns), "samples.parquet", compression="none")
PY
cat > job.mjs <<'JS'
import parquetjs from "@dsnp/parquetjs";
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet";
const reader = await parquetjs.ParquetReader.openFile("samples.parquet");
const row = await reader.getCursor().next();
const [other] = await parquetReadObjects({ file: await asyncBufferFromFile("samples.parquet") });
console.log(`${row.size} ${row.limit} ${other.size} ${other.limit}`);
JS
read -r size limit other_size other_limit < <(node job.mjs)
echo "uint32 3000000000 and uint64 18446744073709551615: parquetjs $size and $limit, hyparquet $other_size and $other_limit"
[ "$size $limit $other_size $other_limit" = "-1294967296 -1 3000000000 18446744073709551615" ]
