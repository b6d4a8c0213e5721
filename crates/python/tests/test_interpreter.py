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


@pytest.mark.parametrize("own_lock", [False, True])
@pytest.mark.parametrize("first_uses_it", [False, True])
def test_a_second_interpreter_is_refused(python: Python, own_lock: bool, first_uses_it: bool) -> None:
    done = python(
        f"""
try:
    import _interpreters as interpreters
    second = interpreters.create("isolated" if {own_lock} else "legacy")
    run = interpreters.exec
except ImportError:
    import _xxsubinterpreters as interpreters
    second = interpreters.create(isolated={own_lock})
    run = interpreters.run_string
if {first_uses_it}:
    import memtool
failed = run(second, '''
try:
    import memtool
except ImportError as error:
    print(error)
''')
assert not failed, failed
interpreters.destroy(second)
"""
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert done.stdout.startswith("memtool runs in a process's first interpreter only"), done.stdout
