#!/usr/bin/env bash
# The Python package toml writes what it does not know by its representation, in quotes. A size that NumPy or pandas computed is the text
# "np.int64(314572800)", one of a float "np.float64(0.75)", and a reader of the config gets a text where a number was. A table
# in a list of lists becomes the list of its keys. tomli_w raises an error for the first and writes the second.
# Seen with toml 0.10.2, tomli_w 1.2.0, NumPy 2.4.6.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check toml==0.10.2 tomli_w==1.2.0 numpy==2.4.6
venv/bin/python - <<'PY'
import tomllib
import numpy, toml, tomli_w
config = {"limit": numpy.int64(314572800), "share": numpy.float32(0.75), "steps": [[{"size": 100}]]}
read = tomllib.loads(toml.dumps(config))
try:
    tomli_w.dumps({"limit": config["limit"]})
    refused = False
except TypeError:
    refused = True
nested = tomllib.loads(tomli_w.dumps({"steps": config["steps"]}))["steps"]
print(f"toml {toml.__version__}: {config} is read back as {read}; tomli_w refuses the first: {refused}, and keeps the last: {nested}")
raise SystemExit(not (read == {"limit": "np.int64(314572800)", "share": "np.float32(0.75)", "steps": [[["size"]]]} and refused and nested == config["steps"]))
PY
