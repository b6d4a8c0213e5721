#!/usr/bin/env bash
# prometheus_client 0.26.0: its parser of the text format adds _total to the samples of a counter that has none. The text
# is valid, and a query for the name that stands in it finds nothing among what was parsed.
# Seen: `collections 5`, declared a counter, comes out as collections_total.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check prometheus_client==0.26.0
venv/bin/python - <<'PY'
from prometheus_client.parser import text_string_to_metric_families
text = "# TYPE collections counter\ncollections 5\n"
names = [sample.name for family in text_string_to_metric_families(text) for sample in family.samples]
print(f"prometheus_client 0.26.0: {text.splitlines()[-1]!r} is parsed as {names}")
raise SystemExit(names != ["collections_total"])
PY
