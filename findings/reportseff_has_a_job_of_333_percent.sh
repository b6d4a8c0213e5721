#!/usr/bin/env bash
# reportseff says how much of its memory a Slurm job used. sacct's MaxRSS is that of the largest task of a step; reportseff multiplies it
# by the number of tasks. A job of eight tasks of which one holds 10 GiB and seven 1, as where the first one gathers the results, has used
# 333 % of 24 GiB, and it held 71 %. AveRSS times the tasks is the sum.
# Seen with reportseff 2.10.3.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check reportseff==2.10.3
venv/bin/python - <<'PY'
import importlib.metadata
from reportseff.job import Job
names = ["JobID", "State", "Elapsed", "TotalCPU", "AllocCPUS", "NNodes", "NTasks", "ReqMem", "MaxRSS", "AveRSS"]
rows = [
    "1001|COMPLETED|01:00:00|08:00:00|8|1||24G||",
    "1001.batch|COMPLETED|01:00:00|00:00.500|8|1|1||8M|8M",
    "1001.0|COMPLETED|01:00:00|08:00:00|8|1|8||10G|2228224K",
]
job = Job("1001", "1001", None)
for row in rows:
    job.update({name: value for name, value in zip(names, row.split("|")) if value or name != "NTasks"})
share, held = job.get_entry("MemEff"), (10 + 7) / 24 * 100
print(f"reportseff {importlib.metadata.version('reportseff')}: MemEff {share} %; one task of 10 GiB and seven of 1 in 24: {held:.1f} %")
raise SystemExit(share != 333.3)
PY
