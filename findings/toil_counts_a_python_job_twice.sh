#!/usr/bin/env bash
# The memory in toil stats is the largest resident set "of itself and its single largest child". A job function runs in toil's
# worker, which starts du after it; on Linux such a child begins with its parent's largest resident set as its own. So a
# function that holds 300 MiB and starts nothing is counted twice, and memory asked for by these figures is twice too much.
# Seen with toil 9.6.0 on Linux 6.18: 687 MiB where the job's own ru_maxrss was 343.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check toil==9.6.0
cat > job.py <<'PY'
import pathlib, resource
from toil.common import Toil
from toil.job import Job
def work(job, report):
    held = bytearray(b"x") * (300 << 20)
    pathlib.Path(report).write_text(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10))
if __name__ == "__main__":
    options = Job.Runner.getDefaultArgumentParser().parse_args()
    with Toil(options) as workflow:
        workflow.start(Job.wrapJobFn(work, str(pathlib.Path("largest.txt").resolve())))
PY
export PATH="$here/venv/bin:$PATH"
python job.py "file:$here/store" --stats --clean never > log.txt 2>&1 || { tail log.txt; exit 1; }
toil stats --raw "file:$here/store" > stats.json 2> /dev/null
figure=$(python -c 'import json; print(int(json.load(open("stats.json"))["jobs"]["max_memory"]) >> 10)')
echo "$(toil --version): memory of the job $figure MiB, its own ru_maxrss $(cat largest.txt)"
[ "$(cat largest.txt)" -lt 450 ] && [ "$figure" -gt 600 ]
