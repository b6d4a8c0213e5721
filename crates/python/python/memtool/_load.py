"""Reading runs back, for notebooks."""

from __future__ import annotations

import gzip
import importlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, overload

from memtool import _memtool
from memtool._memtool import Profile, Table

_NAMES = ("memory_profile_*.json", "memory_stream_*.ndjson")
_PACKED = ("", ".gz", ".zst")
# What a file may unpack to.
_MOST = 4 << 30


def load_profile(path: str | os.PathLike[str]) -> Profile:
    """Reads a stream or a profile, plain, gzip or (from Python 3.14 on) zstd.

    Raises ValueError with file, line and reason where it cannot be read.
    """
    return _memtool.read_profile(_unpacked(Path(path)), os.fspath(path))


def load_profiles(*paths: str | os.PathLike[str]) -> Profiles:
    """Reads files, and all streams and profiles below folders. A bad file is listed in `skipped`.

    Raises ValueError where nothing could be read.
    """
    profiles, skipped = [], []
    for path in _found(paths):
        try:
            profiles.append(load_profile(path))
        except (OSError, ValueError) as error:
            skipped.append((path, str(error)))
    if not profiles:
        reasons = "".join(f"\n{reason}" for _, reason in skipped)
        raise ValueError(f"no stream or profile in {', '.join(os.fspath(path) for path in paths)}{reasons}")
    return Profiles(profiles, skipped)


class Profiles(Sequence[Profile]):
    """Several runs; its tables hold the rows of all, with their file in the column `profile`."""

    def __init__(self, profiles: list[Profile], skipped: list[tuple[Path, str]]) -> None:
        self._profiles = profiles
        self.skipped = skipped

    @overload
    def __getitem__(self, place: int) -> Profile: ...
    @overload
    def __getitem__(self, place: slice) -> list[Profile]: ...
    def __getitem__(self, place: int | slice) -> Profile | list[Profile]:
        return self._profiles[place]

    def __len__(self) -> int:
        return len(self._profiles)

    def __repr__(self) -> str:
        return f"<memtool.Profiles: {len(self)} runs, {len(self.skipped)} files skipped>"

    @property
    def snapshots(self) -> Table:
        """Looks at memory."""
        return self._joined("snapshots")

    @property
    def batches(self) -> Table:
        """Batches, with their exact peaks."""
        return self._joined("batches")

    @property
    def decisions(self) -> Table:
        """What the policy did and why."""
        return self._joined("decisions")

    @property
    def collections(self) -> Table:
        """Garbage collections."""
        return self._joined("collections")

    def _joined(self, name: str) -> Table:
        return _memtool.join_tables([(profile.path, getattr(profile, name)) for profile in self])


def _found(paths: Sequence[str | os.PathLike[str]]) -> Iterator[Path]:
    for path in map(Path, paths):
        if path.is_dir():
            found = {file for name in _NAMES for packed in _PACKED for file in path.rglob(name + packed)}
            yield from sorted(found)
        else:
            yield path


def _unpacked(path: Path) -> bytes:
    if path.suffix == ".gz":
        with gzip.open(path) as file:
            return _at_most(file, path)
    if path.suffix == ".zst":
        try:
            zstd = importlib.import_module("compression.zstd")
        except ImportError:
            raise ValueError(f"{path}: Python before 3.14 reads no zstd: unpack it first (zstd -d)") from None
        with zstd.open(path) as file:
            return _at_most(file, path)
    return path.read_bytes()


def _at_most(file: Any, path: Path) -> bytes:
    data: bytes = file.read(_MOST + 1)
    if len(data) > _MOST:
        raise ValueError(f"{path}: unpacks to more than {_MOST >> 30} GiB")
    return data
