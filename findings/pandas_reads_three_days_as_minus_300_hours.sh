#!/usr/bin/env bash
# Slurm and ps write a day, two hours, three minutes and four seconds as 1-02:03:04. pandas drops what is no number of that text: the hours are 102,
# and the hyphen is a minus. A job of a day and two hours took -102 hours, one of three days -300; a job below a day is right, so the
# mean over a table of jobs is only a little off. No error comes; "1 day 02:03:04" is right.
# Seen with pandas 3.1.1: -5 days +17:56:56.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check pandas==3.1.1
venv/bin/python -W error - <<'PY'
import pandas
elapsed = pandas.Series(["02:03:04", "1-02:03:04", "3-00:00:00", "1 day 02:03:04"])
hours = (pandas.to_timedelta(elapsed).dt.total_seconds() / 3600).round(2).tolist()
print(f"pandas {pandas.__version__}:", dict(zip(elapsed, hours)), "hours;", pandas.Timedelta("1-02:03:04"))
raise SystemExit(hours != [2.05, -102.05, -300, 26.05])
PY
