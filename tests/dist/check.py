"""check.py WHEEL: the wheel with the command in a new environment, without an index, as a user without Rust has it.

Prints a line a check; exit 1 at the first that fails.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
RUN = ROOT / "fixtures/runs/memory_profile_head_leak.json"
# What the wheel's name promises: the oldest glibc.
TAG = re.compile(r"manylinux_(\d+)_(\d+)")
SYMBOL = re.compile(rb"GLIBC_(\d+)\.(\d+)")


def run(*command: str | Path) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"FAILED   {' '.join(map(str, command))}: exit {done.returncode}\n{done.stderr}")
    return done.stdout


def check(what: str, holds: bool) -> None:
    if not holds:
        sys.exit(f"FAILED   {what}")
    print(f"ok       {what}")


def command_within_tag(wheel: Path) -> None:
    """The tag is worked out from the module alone; the command must not need a newer glibc."""
    with zipfile.ZipFile(wheel) as archive:
        [command] = [name for name in archive.namelist() if name.endswith(".data/scripts/memtool")]
        needed = max(tuple(map(int, version)) for version in SYMBOL.findall(archive.read(command)))
    tag = TAG.search(wheel.name)
    promised = tuple(map(int, tag.groups())) if tag else needed
    check(f"the command needs glibc {needed[0]}.{needed[1]}, the name promises {promised[0]}.{promised[1]}", needed <= promised)


def installed(wheel: Path, folder: Path) -> None:
    venv.create(folder, with_pip=True)
    python, memtool = folder / "bin/python", folder / "bin/memtool"
    pip = [python, "-m", "pip", "--disable-pip-version-check"]
    before = {path for path in folder.rglob("*") if "__pycache__" not in path.parts}
    run(*pip, "install", "--quiet", "--no-index", wheel)
    version = run(python, "-W", "error", "-c", "import memtool; print(memtool.__version__)").strip()
    check(f"module and command are version {version}", run(memtool, "--version").strip() == f"memtool {version}")
    [profile] = json.loads(run(memtool, "analyze", RUN, "--format", "json"))["profiles"]
    program = f"import memtool; print(len(memtool.load_profile({str(RUN)!r}).snapshots))"
    check("both read the same run", profile["samples"] == int(run(python, "-c", program)))
    run(*pip, "uninstall", "--quiet", "--yes", "memtool-recorder")
    left = {path for path in folder.rglob("*") if "__pycache__" not in path.parts} - before
    check("uninstalling leaves nothing", not left)


def main() -> None:
    wheel = Path(sys.argv[1]).resolve()
    print(f"{wheel.name}: {wheel.stat().st_size / 1e6:.1f} MB")
    command_within_tag(wheel)
    with tempfile.TemporaryDirectory() as folder:
        installed(wheel, Path(folder))


if __name__ == "__main__":
    main()
