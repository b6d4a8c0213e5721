#!/usr/bin/env bash
# pytest-memray: limit_memory fails a test that "allocates more memory than allowed", says its page. What a fixture of the
# test holds meanwhile, and what its child processes hold, is not counted: both tests pass a limit of 50 MB with 300 MiB held.
# The same bytes in the test's own body fail.
# Seen with pytest-memray 1.11.0, pytest 9.2.0: fixture passed, child passed, body failed.
set -euo pipefail
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT && cd "$here"
python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check pytest-memray==1.11.0 pytest==9.2.0 memray==1.20.0
cat > test_job.py <<'PY'
import subprocess, sys
import pytest
HOLD = "held = bytearray(b'x') * (300 << 20)"
@pytest.fixture
def held():
    return bytearray(b"x") * (300 << 20)
@pytest.mark.limit_memory("50 MB")
def test_fixture(held):
    assert len(held) == 300 << 20
@pytest.mark.limit_memory("50 MB")
def test_child():
    subprocess.run([sys.executable, "-c", HOLD], check=True)
@pytest.mark.limit_memory("50 MB")
def test_body():
    exec(HOLD)
PY
venv/bin/pytest --memray -rA -q test_job.py > report.txt || true
outcome() { grep -oE "^(PASSED|FAILED) test_job.py::test_$1" report.txt | cut -d' ' -f1; }
echo "pytest-memray 1.11.0, limit 50 MB, 300 MiB held: in a fixture $(outcome fixture), in a child $(outcome child), in the body $(outcome body)"
[ "$(outcome fixture)" = PASSED ] && [ "$(outcome child)" = PASSED ] && [ "$(outcome body)" = FAILED ]
