"""Interpreters that the wheel is not for say so; what they load is never half of it."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest
from memtool._interpreter import require_supported


@pytest.mark.parametrize(
    ("name", "flags", "found"),
    [("pypy", "", "this is pypy 3"), ("cpython", "t", "this is a free-threaded build of CPython 3")],
)
def test_others_are_named(monkeypatch: pytest.MonkeyPatch, name: str, flags: str, found: str) -> None:
    monkeypatch.setattr(sys, "implementation", SimpleNamespace(name=name))
    monkeypatch.setattr(sys, "abiflags", flags, raising=False)
    with pytest.raises(ImportError, match=found):
        require_supported()
