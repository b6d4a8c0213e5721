"""The experiment's kernel limit, against synthetic control groups: both kinds are seldom on one machine."""

from __future__ import annotations

import importlib
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from conftest import REPOSITORY

V2 = {
    "memory.max": "max\n",
    "memory.swap.max": "max\n",
    "memory.peak": "104857600\n",
    "memory.events": "low 0\nhigh 0\nmax 31\noom 1\noom_kill 2\noom_group_kill 0\n",
    "cgroup.procs": "",
}
V1 = {
    "memory.limit_in_bytes": "9223372036854771712\n",
    "memory.memsw.limit_in_bytes": "9223372036854771712\n",
    "memory.max_usage_in_bytes": "104857600\n",
    "memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n",
    "cgroup.procs": "",
}


@pytest.fixture
def limit(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    monkeypatch.syspath_prepend(str(REPOSITORY / "experiments"))
    yield importlib.import_module("bench.limit")
    for name in [name for name in sys.modules if name.split(".")[0] == "bench"]:
        del sys.modules[name]


class Kernel:
    """Makes the files of a new group, and takes them away with it."""

    def __init__(self, patch: pytest.MonkeyPatch, root: Path) -> None:
        self.root, self.files = root, dict[str, str]()
        make = Path.mkdir

        def mkdir(folder: Path) -> None:
            make(folder)
            for name, text in self.files.items():
                (folder / name).write_text(text)

        patch.setattr(Path, "mkdir", mkdir)
        patch.setattr(Path, "rmdir", shutil.rmtree)

    def mounts(self, *lines: str) -> Path:
        path = self.root.parent / "mounts"
        path.write_text("".join(f"{line}\n" for line in ("proc /proc proc rw 0 0", *lines)))
        return path


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Kernel:
    root = tmp_path / "cgroup"
    root.mkdir()
    return Kernel(monkeypatch, root)


def test_a_limit_of_version_2(limit: ModuleType, kernel: Kernel) -> None:
    kernel.files = V2
    (kernel.root / "cgroup.subtree_control").write_text("cpu memory pids\n")
    make = limit.find(kernel.mounts(f"cgroup2 {kernel.root} cgroup2 rw,nosuid 0 0"))
    assert [path.name for path in kernel.root.iterdir()] == ["cgroup.subtree_control"], "the trial is gone"
    group = make(300)
    read = lambda name: (group.folder / name).read_text()
    assert (read("memory.max"), read("memory.swap.max")) == (str(300 << 20), "0")
    assert (group.peak_mb(), group.kills()) == (100.0, 2)
    group.remove()
    assert not group.folder.exists()


def test_a_limit_of_version_1_goes_first(limit: ModuleType, kernel: Kernel) -> None:
    kernel.files = V1
    mounts = kernel.mounts("cgroup2 /nowhere cgroup2 rw 0 0", f"cgroup {kernel.root} cgroup rw,memory 0 0")
    group = limit.find(mounts)(300)
    names = ("memory.limit_in_bytes", "memory.memsw.limit_in_bytes")
    assert [(group.folder / name).read_text() for name in names] == [str(300 << 20)] * 2
    assert (group.peak_mb(), group.kills()) == (100.0, 2)


def test_what_is_missing_is_said(limit: ModuleType, kernel: Kernel) -> None:
    with pytest.raises(limit.NoLimit, match="no memory controller is mounted"):
        limit.find(kernel.mounts())
    mounts = kernel.mounts(f"cgroup2 {kernel.root} cgroup2 rw 0 0")
    (kernel.root / "cgroup.subtree_control").write_text("cpu\n")
    with pytest.raises(limit.NoLimit, match="not enabled in .*cgroup.subtree_control"):
        limit.find(mounts)
    (kernel.root / "cgroup.subtree_control").write_text("memory\n")
    kernel.files = {name: text for name, text in V2.items() if name != "memory.peak"}
    with pytest.raises(limit.NoLimit, match="no control group .* can be made"):
        limit.find(mounts)
    assert [path.name for path in kernel.root.iterdir()] == ["cgroup.subtree_control"], "no trial is left"
