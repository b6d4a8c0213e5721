"""What several tests share."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def runs() -> Path:
    """Genuine profiles and streams."""
    return REPOSITORY / "fixtures" / "runs"


@pytest.fixture
def python(tmp_path: Path) -> Callable[[str], subprocess.CompletedProcess[str]]:
    """Runs a program in an interpreter of its own, in a folder of its own; a hang fails."""

    def run(program: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-X", "faulthandler", "-c", program]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)

    return run
