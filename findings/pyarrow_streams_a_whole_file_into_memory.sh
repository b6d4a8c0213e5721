#!/usr/bin/env bash
# ParquetFile.iter_batches is documented to read streaming batches. As the file is opened by default, the columns of all row
# groups are read ahead and kept to the end: a file of 305 MiB in 40 row groups, taken 10,000 rows at a time, holds 307 MiB of
# Arrow's pool. With pre_buffer=False, documented as a matter of slow file systems, it holds 9.
# Seen with pyarrow 26.0.1.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check pyarrow==26.0.1 numpy==2.4.6
venv/bin/python - <<'PY'
import pathlib
import numpy as np, pyarrow as pa, pyarrow.parquet as pq
table = pa.table({"a": np.random.default_rng(1).integers(0, 1 << 62, 1_000_000)})
with pq.ParquetWriter("data.parquet", table.schema, compression="none", use_dictionary=False) as writer:
    for _ in range(40):
        writer.write_table(table)
del table
def highest(**options):
    pool = pa.default_memory_pool()
    return max(pool.bytes_allocated() for _ in pq.ParquetFile("data.parquet", **options).iter_batches(batch_size=10_000)) >> 20
size = pathlib.Path("data.parquet").stat().st_size >> 20
default, unbuffered = highest(), highest(pre_buffer=False)
print(f"pyarrow {pa.__version__}: a file of {size} MiB holds {default} MiB of the pool, with pre_buffer=False {unbuffered}")
raise SystemExit(not (default > 250 and unbuffered < 50))
PY
