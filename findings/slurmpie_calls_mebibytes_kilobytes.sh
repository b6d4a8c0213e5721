#!/usr/bin/env bash
# slurmpie asks Slurm for a job's memory and, inside the job, says what it has. get_job_memory(), "in kilobytes" by its page, hands on
# SLURM_MEM_PER_NODE, which Slurm has in mebibytes: a job of 4 GB plans with 4. A request is rounded up to whole units of its own, without
# a word: 1.2GB is 2GB, 1200MB is that.
# Seen with slurmpie 0.9.0.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check slurmpie==0.9.0
SLURM_MEM_PER_NODE=4096 venv/bin/python -W error - <<'PY'
import importlib.metadata
from slurmpie import slurmpie
said, page = slurmpie.System().get_job_memory(), " ".join(slurmpie.System.get_job_memory.__doc__.split())
asked = [slurmpie.Job("job.sh", memory_size=size).memory_size for size in ("1.2GB", "1200MB")]
print(f"slurmpie {importlib.metadata.version('slurmpie')}: {said} in a job of 4096 MiB, \"{page[-90:]}\"; asked for 1.2GB and 1200MB: {asked}")
raise SystemExit(not (said == 4096 and "in kilobytes" in page and asked == ["2G", "1200M"]))
PY
