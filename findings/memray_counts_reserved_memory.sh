#!/usr/bin/env bash
# memray's page on memory says that its heap can be larger than the resident set. How much: it counts each mmap in full, and
# mimalloc, Arrow's pool, reserves a GiB of address space before its first buffer. So a job with one Arrow array of 8 MB has a
# peak of 1.1 GB in memray, and 55 MB by the mark of the kernel.
# Seen with memray 1.20.0, pyarrow 26.0.1: peak 1025 MiB, resident at most 52.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check memray==1.20.0 pyarrow==26.0.1
cat > job.py <<'PY'
import resource
import pyarrow as pa
array = pa.array(range(1_000_000))
print(array.nbytes, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10)
PY
read -r bytes resident < <(venv/bin/python job.py)
venv/bin/memray run --quiet --output job.bin job.py > /dev/null
venv/bin/memray stats --json --output job.json job.bin > /dev/null
peak=$(venv/bin/python -c 'import json; print(json.load(open("job.json"))["metadata"]["peak_memory"] >> 20)')
echo "memray 1.20.0: peak $peak MiB for an array of $bytes bytes, resident at most $resident MiB"
[ "$peak" -gt 1000 ] && [ "$resident" -lt 200 ]
