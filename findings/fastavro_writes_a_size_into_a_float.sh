#!/usr/bin/env bash
# A field of Avro that may be missing, a fraction or a whole number is a union, and fastavro takes the first of its types that a value
# fits: a whole number fits a float. With ["null", "float", "long"] a size of 3,000,000,001 bytes is 3,000,000,000.0 when it is read
# back, and every size is rounded to 256 bytes there; with the long named first it is kept. No error or warning comes.
# Seen with fastavro 1.13.1.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check fastavro==1.13.1
venv/bin/python - <<'PY'
import io
import fastavro
def kept(kinds, sizes):
    schema = fastavro.parse_schema({"type": "record", "name": "sample", "fields": [{"name": "rss", "type": kinds}]})
    file = io.BytesIO()
    fastavro.writer(file, schema, [{"rss": size} for size in sizes])
    file.seek(0)
    return [sample["rss"] for sample in fastavro.reader(file)]
sizes = [None, 3_000_000_001, 3_000_000_129, 0.5]
float_first, long_first = kept(["null", "float", "long"], sizes), kept(["null", "long", "float"], sizes)
print(f"fastavro {fastavro.__version__}, {sizes}: {float_first} with the float first, {long_first} with the long first")
raise SystemExit(not (float_first == [None, 3000000000.0, 3000000256.0, 0.5] and long_first == sizes))
PY
