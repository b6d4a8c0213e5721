"""Speaking to whatever logger the job has."""

from __future__ import annotations

import logging
from typing import Any


class Log:
    """A logger that takes fields, whether the job's own does or not."""

    def __init__(self, logger: Any = None) -> None:
        self.logger = logging.getLogger("memtool") if logger is None else logger
        self._takes_fields = not isinstance(self.logger, (logging.Logger, logging.LoggerAdapter))

    def log(self, level: str, message: str, **fields: object) -> None:
        """Logs at `debug`, `info`, `warning` or `error`. A logger that fails stops nothing."""
        try:
            if self._takes_fields:
                getattr(self.logger, level)(message, **fields)
            else:
                details = "".join(f" {name}={value}" for name, value in fields.items())
                getattr(self.logger, level)("%s%s", message, details)
        except Exception:  # noqa: BLE001
            logging.getLogger("memtool").exception("the job's logger failed")
