#!/usr/bin/env bash
# datatable's fread reads a column of whole numbers as int32 where they fit, as ps and /proc's kilobytes do. Multiplied by 1024 they
# stay int32: two samples of 3,000,000 kB are -1,222,967,296 bytes each, their sum and mean are negative as well, and nothing
# says so. The sum of the kilobytes, times 1024, is right.
# Seen with datatable 1.1.0.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check datatable==1.1.0
printf 'kb\n3000000\n3000000\n' > job.csv
venv/bin/python -W error - <<'PY'
import datatable
from datatable import f
job = datatable.fread("job.csv")
bytes_each = job[:, f.kb * 1024].to_list()[0]
[total], [mean], [after] = (job[:, column].to_list()[0] for column in (datatable.sum(f.kb * 1024), datatable.mean(f.kb * 1024), datatable.sum(f.kb) * 1024))
print(f"two samples of 3000000 kB ({job.stypes[0]}): {bytes_each} bytes, sum {total}, mean {mean}; the sum, times 1024: {after}")
raise SystemExit(not (bytes_each == [-1222967296] * 2 and total == -2445934592 and mean == -1222967296 and after == 6144000000))
PY
