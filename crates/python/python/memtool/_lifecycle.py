"""What happens to managers when the process forks or ends."""

from __future__ import annotations

import atexit
import os
from typing import Any, Protocol
from weakref import WeakSet

from memtool import _memtool


class _Manager(Protocol):
    def stop_monitoring(self) -> None: ...
    def _before_fork(self) -> None: ...
    def _after_fork_in_child(self) -> Any: ...


_all: WeakSet[_Manager] = WeakSet()
# Those that monitor stay alive until they are stopped, as a thread would keep them.
_monitoring: set[_Manager] = set()
# What a forked child got from its parent is not touched, and not freed either.
_inherited: list[Any] = []


def watch(manager: _Manager) -> None:
    """Remembers a manager for as long as it lives."""
    _all.add(manager)


def keep(manager: _Manager) -> None:
    """Keeps a manager alive until it is let go."""
    _monitoring.add(manager)


def let_go(manager: _Manager) -> None:
    """Ends that."""
    _monitoring.discard(manager)


def _at_exit() -> None:
    """Closes all streams while Python can still be called; nothing of ours calls it after this."""
    for manager in list(_all):
        manager.stop_monitoring()
    _memtool.no_more_callbacks()


def _before_fork() -> None:
    for manager in list(_all):
        manager._before_fork()


def _after_fork_in_child() -> None:
    """The parent goes on recording itself; the child begins anew if it wants to."""
    _monitoring.clear()
    for manager in list(_all):
        _inherited.append(manager._after_fork_in_child())


atexit.register(_at_exit)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_child=_after_fork_in_child)
