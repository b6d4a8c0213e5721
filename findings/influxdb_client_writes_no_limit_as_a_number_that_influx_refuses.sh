#!/usr/bin/env bash
# The line protocol of InfluxDB has integers of 64 bits with sign, marked i, and without, marked u. influxdb-client marks every whole
# number with i: 18446744073709551615, the kernel's "no limit", is beyond what i can hold, and a reader of the
# protocol refuses the line. A NaN beside other fields is left out without a word, and a point of one NaN alone is an empty line.
# Seen with influxdb-client 1.50.0, line-protocol-parser 2.0.1.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check influxdb-client==1.50.0 line-protocol-parser==2.0.1
venv/bin/python - <<'PY'
from influxdb_client import Point
from line_protocol_parser import LineFormatError, parse_line
def line(**fields):
    point = Point("job").time(1764480000)
    for name, value in fields.items():
        point.field(name, value)
    return point.to_line_protocol()
def read(text):
    try:
        return parse_line(text)["fields"]
    except LineFormatError as error:
        return str(error)
unlimited, missing, alone = line(limit=18446744073709551615), line(rss=300, swap=float("nan")), line(swap=float("nan"))
print(f"{unlimited!r} is read as {read(unlimited)!r}, with u {read(unlimited.replace('i ', 'u '))}; rss 300 and swap NaN are {missing!r}, NaN alone {alone!r}")
raise SystemExit(not (unlimited == "job limit=18446744073709551615i 1764480000" and "Failed" in read(unlimited)
                      and read(unlimited.replace("i ", "u ")) == {"limit": 18446744073709551615} and missing == "job rss=300i 1764480000" and alone == ""))
PY
