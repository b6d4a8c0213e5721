"""Interpreters that the wheel is not for say so; what they load is never half of it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from memtool._interpreter import require_supported

Python = Callable[[str], "subprocess.CompletedProcess[str]"]


@pytest.mark.parametrize(
    ("name", "flags", "found"),
    [("pypy", "", "this is pypy 3"), ("cpython", "t", "this is a free-threaded build of CPython 3")],
)
def test_others_are_named(monkeypatch: pytest.MonkeyPatch, name: str, flags: str, found: str) -> None:
    monkeypatch.setattr(sys, "implementation", SimpleNamespace(name=name))
    monkeypatch.setattr(sys, "abiflags", flags, raising=False)
    with pytest.raises(ImportError, match=found):
        require_supported()


def test_a_second_interpreter_that_shares_the_lock_records(python: Python) -> None:
    done = python(
        """
try:
    import _interpreters as interpreters
    second = interpreters.create("legacy")
    run = interpreters.exec
except ImportError:
    import _xxsubinterpreters as interpreters
    second = interpreters.create(isolated=False)
    run = interpreters.run_string
failed = run(second, '''
from memtool import create_adaptive_memory_manager
with create_adaptive_memory_manager() as manager:
    with manager.batch("second", items=5):
        pass
''')
assert not failed, failed
"""
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
