#!/usr/bin/env bash
# slurm2sql puts sacct's rows into SQLite with sizes in bytes. sacct writes what a job read and wrote like its memory, in two decimals
# and a unit. Of these columns slurm2sql cuts the decimals before it multiplies: 1.96G of reading are one GiB and 0.75M of
# writing are 0 bytes, while MaxRSS of the same row is right.
# Seen with slurm2sql 0.9.9.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check slurm2sql==0.9.9
cat > sacct.csv <<'CSV'
JobID,JobIDRaw,JobName,User,State,Elapsed,MaxRSS,MaxDiskRead,MaxDiskWrite
1001.0,1001.0,job,anna,COMPLETED,00:01:00,1.96G,1.96G,0.75M
CSV
venv/bin/slurm2sql --csv-input sacct.csv sacct.db > /dev/null 2>&1
venv/bin/python - <<'PY'
import sqlite3
[(resident, read, written)] = sqlite3.connect("sacct.db").execute("select MaxRSS, MaxDiskRead, MaxDiskWrite from slurm")
print(f"1.96G, 1.96G and 0.75M: MaxRSS {resident:.0f}, MaxDiskRead {read}, MaxDiskWrite {written} bytes")
raise SystemExit(not (round(resident) == round(1.96 * 2**30) and read == 2**30 and written == 0))
PY
