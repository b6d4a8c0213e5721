#!/usr/bin/env bash
# SARIF 2.1.0 marks a result as suppressed (suppressions with status accepted) or as gone since the baseline (baselineState
# absent). sarif-tools counts both among the errors, and `--check error` fails a build for them. It does leave out results
# whose kind is pass. A writer who keeps fixed findings in the file, as the standard allows, is never green again.
# Seen with sarif-tools 3.0.5: two errors, exit code 2, where nothing is open.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check sarif-tools==3.0.5
cat > job.sarif <<'JSON'
{"version": "2.1.0", "$schema": "https://json.schemastore.org/sarif-2.1.0.json", "runs": [{
  "tool": {"driver": {"name": "checker", "rules": [{"id": "leak"}]}},
  "results": [
    {"ruleId": "leak", "level": "error", "message": {"text": "accepted"}, "suppressions": [{"kind": "external", "status": "accepted"}]},
    {"ruleId": "leak", "level": "error", "message": {"text": "fixed"}, "baselineState": "absent"},
    {"ruleId": "leak", "kind": "pass", "message": {"text": "passed"}}
  ]}]}
JSON
code=0 && venv/bin/sarif --check error summary job.sarif > summary.txt 2> /dev/null || code=$?
errors=$(sed -n 's/^error: \([0-9]*\)$/\1/p' summary.txt)
echo "sarif-tools 3.0.5: $errors errors, exit code $code, where one result is suppressed, one gone and one passed"
[ "$errors" -eq 2 ] && [ "$code" -ne 0 ]
