"""A control group with a memory limit that the kernel enforces, v1 or v2."""
import os
import time
from pathlib import Path

MIB = 1 << 20
NAME = "memtool_experiment"


class NoLimit(Exception):
    """The kernel's limit cannot be set here; the text says why."""


class Limit:
    """One control group: enter it, read the peak and the kills, remove it."""

    def __init__(self, mebibytes, parent):
        self.folder = parent / f"{NAME}_{os.getpid()}_{time.monotonic_ns()}"
        self.folder.mkdir()
        try:
            self._set(int(mebibytes * MIB))
        except OSError:
            self.folder.rmdir()
            raise

    def enter(self):
        """Moves the calling process in; for use between fork and exec."""
        (self.folder / "cgroup.procs").write_text(str(os.getpid()))

    def remove(self):
        for _ in range(100):
            try:
                return self.folder.rmdir()
            except OSError:
                time.sleep(0.05)
        raise NoLimit(f"{self.folder} cannot be removed: something still runs in it")

    def _read(self, name):
        return (self.folder / name).read_text()

    def _entry(self, name, key):
        return next(int(line.split()[1]) for line in self._read(name).splitlines() if line.split()[0] == key)


class LimitV1(Limit):
    def _set(self, limit):
        (self.folder / "memory.limit_in_bytes").write_text(str(limit))
        swap = self.folder / "memory.memsw.limit_in_bytes"
        if swap.exists():
            swap.write_text(str(limit))

    def peak_mb(self):
        return int(self._read("memory.max_usage_in_bytes")) / MIB

    def kills(self):
        return self._entry("memory.oom_control", "oom_kill")


class LimitV2(Limit):
    def _set(self, limit):
        (self.folder / "memory.max").write_text(str(limit))
        swap = self.folder / "memory.swap.max"
        if swap.exists():
            swap.write_text("0")

    def peak_mb(self):
        return int(self._read("memory.peak")) / MIB

    def kills(self):
        return self._entry("memory.events", "oom_kill")


def find(mounts=Path("/proc/mounts")):
    """The kind of limit that works here and the folder it goes to; NoLimit says what is missing."""
    mounts = [line.split() for line in mounts.read_text().splitlines()]
    v1 = next((Path(m[1]) for m in mounts if m[2] == "cgroup" and "memory" in m[3].split(",")), None)
    v2 = next((Path(m[1]) for m in mounts if m[2] == "cgroup2"), None)
    kind, parent = (LimitV1, v1) if v1 else (LimitV2, v2)
    if parent is None:
        raise NoLimit("no memory controller is mounted (needs Linux with control groups)")
    if kind is LimitV2 and "memory" not in (parent / "cgroup.subtree_control").read_text().split():
        raise NoLimit(f"the memory controller is not enabled in {parent}/cgroup.subtree_control")
    try:
        trial = kind(256, parent)
        try:
            # memory.peak is there from Linux 5.19 on.
            trial.peak_mb()
            trial.kills()
        finally:
            trial.remove()
    except OSError as error:
        raise NoLimit(f"no control group with a limit can be made in {parent}: {error}") from error
    return lambda mebibytes: kind(mebibytes, parent)
