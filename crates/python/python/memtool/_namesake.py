"""The other package of this name."""

from __future__ import annotations

import warnings
from pathlib import Path


def warn_of_namesake() -> None:
    """Warns where the distribution `memtool` of PyPI, another package with a module of this name, is installed beside
    this one: each has overwritten files of the other. One listing of a folder: loading `importlib.metadata` takes as long as this package.
    """
    folder = Path(__file__).parents[1]
    if any(next(folder.glob(f"memtool-*.{kind}"), None) for kind in ("dist-info", "egg-info")):
        warnings.warn(
            f"the package `memtool` of PyPI is installed beside `memtool-recorder`, and both write into {folder / 'memtool'}: "
            "uninstall both (pip uninstall memtool memtool-recorder), then install the one you want",
            RuntimeWarning,
            stacklevel=3,
        )
