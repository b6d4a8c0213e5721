#!/usr/bin/env bash
# HOCON is the format of Akka's, Spark jobs' and Cromwell's configs, where a limit of Java is often written 512m. pyhocon takes an m
# for minutes in each field, whatever its name is, and the limit is a duration of 8 hours and 32 minutes; 512M and 512k are texts,
# and 512 is a number. A value in quotes stays a text. Lightbend's library decides when a field is asked for as a size.
# Seen with pyhocon 0.3.63.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check pyhocon==0.3.63
venv/bin/python - <<'PY'
from pyhocon import ConfigFactory
values = ("512m", "512M", "512k", "512", '"512m"')
read = [str(ConfigFactory.parse_string(f"memory-limit = {value}")["memory-limit"]) for value in values]
print(f"memory-limit = {', '.join(values)}: {read}")
raise SystemExit(not (read[0] in ("relativedelta(hours=+8, minutes=+32)", "8:32:00") and read[1:] == ["512M", "512k", "512", "512m"]))
PY
