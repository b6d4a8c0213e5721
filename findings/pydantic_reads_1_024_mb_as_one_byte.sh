#!/usr/bin/env bash
# pydantic's ByteSize reads a setting like 512MiB. It looks for a number and a unit at the start and leaves out what follows: 1,024 MB, as
# spreadsheets and people write it, is one byte, 10,000 is ten, and 512MB/s a size of 512 MB. 1.5 GiB is right. No error comes, and a limit of one byte
# is a valid setting.
# Seen with pydantic 2.14.4.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check pydantic==2.14.4
venv/bin/python -W error - <<'PY'
import pydantic
class Settings(pydantic.BaseModel):
    limit: pydantic.ByteSize
texts = ["1.5 GiB", "1,024 MB", "1,5 GiB", "10,000", "512MB/s"]
sizes = [int(Settings(limit=text).limit) for text in texts]
print(f"pydantic {pydantic.VERSION}:", dict(zip(texts, sizes)))
raise SystemExit(sizes != [1610612736, 1, 1, 10, 512000000])
PY
