"""The interpreters that the wheel is for."""

from __future__ import annotations

import sys
from importlib import import_module


def require_supported() -> None:
    """Says what is wrong where the compiled module would fail to load, or be loaded without what it counts on.

    Installers refuse the wheel for other interpreters; a copied or shared folder gets this far.
    """
    if sys.implementation.name != "cpython":
        _refuse(sys.implementation.name)
    if "t" in getattr(sys, "abiflags", ""):
        _refuse("a free-threaded build of CPython")
    if _is_second():
        # Threads of the recorder call into Python as the first interpreter, whose objects no other one may touch.
        raise ImportError(
            "memtool runs in a process's first interpreter only, and this is another one (a sub-interpreter): import it in "
            "the first, under mod_wsgi by WSGIApplicationGroup %{GLOBAL}, or record from outside by memtool record --pid"
        )


def _refuse(found: str) -> None:
    version = ".".join(map(str, sys.version_info[:3]))
    raise ImportError(f"memtool runs in CPython 3.10 or later with its global lock, and this is {found} {version}")


def _is_second() -> bool:
    """Whether this is not the interpreter that the process began with; only modules without a public name tell."""
    for name in ("_interpreters", "_xxsubinterpreters"):
        try:
            interpreters = import_module(name)
        except ImportError:
            continue
        return bool(interpreters.get_current() != interpreters.get_main())
    return False
