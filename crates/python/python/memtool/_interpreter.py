"""The interpreters that the wheel is for."""

from __future__ import annotations

import sys


def require_supported() -> None:
    """Says what is wrong where the compiled module would fail to load, or be loaded without the lock that it counts on.

    Installers refuse the wheel there; a copied or shared folder gets this far.
    """
    if sys.implementation.name != "cpython":
        found = sys.implementation.name
    elif "t" in getattr(sys, "abiflags", ""):
        found = "a free-threaded build of CPython"
    else:
        return
    version = ".".join(map(str, sys.version_info[:3]))
    raise ImportError(f"memtool runs in CPython 3.10 or later with its global lock, and this is {found} {version}")
