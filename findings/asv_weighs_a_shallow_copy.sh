#!/usr/bin/env bash
# A benchmark of asv named mem_... tracks the size of the object that it returns; by asv's page the memory that each additional one
# would take. It is what a shallow copy adds: of a list of 300 texts of 1 MB the list alone, of a dict its table, and of a
# tuple, a text or bytes, whose copy is the same object, nothing. So a change that makes such an object a hundred times larger
# moves no line of the chart. bytearray and NumPy arrays are right.
# Seen with asv_runner 0.3.2, Pympler 1.1: 2456, 9304, 0, 0 and 1000064 bytes.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check asv_runner==0.3.2 Pympler==1.1
cat > job.py <<'PY'
from asv_runner.benchmarks.mem import MemBenchmark

def texts():
    return [str(number) * 1_000_000 for number in range(1, 10)] * 1 + [chr(97 + number) * 1_000_000 for number in range(291)]

objects = [texts, lambda: dict(enumerate(texts())), lambda: tuple(texts()), lambda: "x" * 1_000_000, lambda: bytearray(1_000_000)]
print(*(MemBenchmark("mem_job", build, []).run() for build in objects))
PY
read -r list dict tuple text array < <(venv/bin/python job.py)
echo "asv_runner 0.3.2, bytes of 300 texts of 1 MB in a list $list, in a dict $dict, in a tuple $tuple; of one text $text, of a bytearray $array"
[ "$list" -lt 10000 ] && [ "$dict" -lt 50000 ] && [ "$tuple" = 0 ] && [ "$text" = 0 ] && [ "$array" -gt 1000000 ]
