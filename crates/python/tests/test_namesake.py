"""The package `memtool` of PyPI in the same environment."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import memtool
import pytest


def imported(site: Path) -> str:
    """What an import from a folder of packages prints."""
    (site / "memtool").symlink_to(Path(memtool.__file__).parent)
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(site)!r}); import memtool"]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stderr


@pytest.mark.parametrize("record", ["memtool-0.1.2.1.dist-info", "memtool-0.1.2.1-py3.12.egg-info"])
def test_both_in_one_environment_are_said(tmp_path: Path, record: str) -> None:
    (tmp_path / record).mkdir()
    said = imported(tmp_path)
    assert "RuntimeWarning: the package `memtool` of PyPI is installed beside `memtool-recorder`" in said
    assert "pip uninstall memtool memtool-recorder" in said


def test_ours_alone_is_silent(tmp_path: Path) -> None:
    (tmp_path / "memtool_recorder-0.1.0.dist-info").mkdir()
    (tmp_path / "memtoolkit-1.0.dist-info").mkdir()
    assert imported(tmp_path) == ""
