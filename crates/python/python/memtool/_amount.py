"""Amounts of memory as they are written: `200 MiB`, `1.5GiB`, or a plain number of MiB."""

from __future__ import annotations

import math
import re

# Memory is meant in powers of 1,024, so MB is read as MiB.
_UNITS = {"k": 1 / 1024, "m": 1.0, "g": 1024.0, "t": 1024.0**2, "b": 1 / 1024**2, "": 1.0}
_FORM = re.compile(r"\s*(?:<=)?\s*([0-9]+(?:\.[0-9]*)?)\s*(?:([kmgt])(?:i?b)?|(b)|)\s*", re.IGNORECASE)


def mebibytes(amount: object) -> float:
    """The amount in MiB.

    Raises ValueError where it is no amount above 0.
    """
    expected = f"expected an amount of memory above 0, such as '200 MiB'; found {amount!r}"
    if isinstance(amount, (int, float)) and not isinstance(amount, bool):
        size = float(amount)
    else:
        form = _FORM.fullmatch(amount) if isinstance(amount, str) else None
        if form is None:
            raise ValueError(expected)
        size = float(form[1]) * _UNITS[(form[2] or form[3] or "").lower()]
    if not (math.isfinite(size) and size > 0):
        raise ValueError(expected)
    return size
