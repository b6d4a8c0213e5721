#!/usr/bin/env bash
# mknapsack packs jobs into as few machines as possible. Its bin packing is for whole numbers and cuts others, where its knapsack refuses them: four jobs
# of 1.9 GB are put on one machine of 4, and hold 7.6. Jobs below 1 are an error. In MB the same jobs are on two machines.
# Seen with mknapsack 1.1.12.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check mknapsack==1.1.12 numpy==1.26.4
venv/bin/python -W error - <<'PY'
import importlib.metadata
from mknapsack import solve_bin_packing, solve_single_knapsack
jobs = [1.9] * 4
gigabytes = solve_bin_packing(jobs, 4).tolist()
megabytes = solve_bin_packing([round(job * 1000) for job in jobs], 4000).tolist()
try:
    refused = solve_single_knapsack([1] * 4, jobs, 4).tolist()
except ValueError as error:
    refused = "refused"
print(f"mknapsack {importlib.metadata.version('mknapsack')}: machines of four jobs of 1.9 GB: {gigabytes}, of 1900 MB: {megabytes}; the knapsack: {refused}")
raise SystemExit(not (set(gigabytes) == {1} and len(set(megabytes)) == 2 and refused == "refused"))
PY
