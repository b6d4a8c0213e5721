#!/usr/bin/env bash
# In HCL, in which Terraform and Nomad are configured, 1e9 is a number like 1000000000. python-hcl2 gives it back as the text
# "${1e9}", as it does with an expression, while 0.75 and -5 are numbers; the older pyhcl has a billion. A text keeps its quotes
# inside: "512Mi" has seven characters and is not equal to 512Mi.
# Seen with python-hcl2 8.1.4, pyhcl 0.4.5.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check python-hcl2==8.1.4 pyhcl==0.4.5
venv/bin/python - <<'PY'
import hcl, hcl2
text = 'resources {\n  memory_max = 1e9\n  fraction = 1.5e3\n  share = 0.75\n  memory = "512Mi"\n}\n'
new, old = hcl2.loads(text)["resources"][0], hcl.loads(text)["resources"]
names = ["memory_max", "fraction", "share", "memory"]
print(f"python-hcl2: {[new[name] for name in names]}; pyhcl: {[old[name] for name in names]}")
raise SystemExit(not ([new[name] for name in names] == ["${1e9}", "${1.5e3}", 0.75, '"512Mi"'] and [old[name] for name in names] == [1e9, 1500.0, 0.75, "512Mi"]))
PY
