"""The example runs as it is shown, and its result does not depend on the sizes of batches."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

EXAMPLE = Path(__file__).parents[1] / "examples" / "duckdb_job.py"


def run(folder: Path, *options: str) -> str:
    command = [sys.executable, str(EXAMPLE), "--employees", "60000", "--years", "2", *options]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_the_example_runs(tmp_path: Path) -> None:
    free, tight = run(tmp_path), run(tmp_path, "--limit-mb", "250")
    table = re.compile(r"^ +year.*?(?=operation)", re.DOTALL)
    assert table.findall(free) == table.findall(tight) != []
    for printed in (free, tight):
        assert re.search(r"wages +\d+ +\d+ +\d+ +\d+", printed), printed
    assert len(list((tmp_path / "reports" / "memory").glob("*.ndjson"))) == 2
