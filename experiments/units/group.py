"""A memory control group of version 1 with a limit, for programs that are to be killed at it."""

import contextlib
import os
import pathlib
import subprocess
import time

MOUNT = pathlib.Path("/sys/fs/cgroup/memory")


class Group:
    """A group of its own, removed at the end."""

    def __init__(self, limit_mb: float) -> None:
        self.folder = MOUNT / f"memtool_units_{os.getpid()}_{time.monotonic_ns()}"
        self.folder.mkdir()
        (self.folder / "memory.limit_in_bytes").write_text(str(int(limit_mb * 2**20)))

    def popen(self, command: list[str], **options: object) -> subprocess.Popen:
        """Starts a command inside the group."""
        script = f'echo $$ > {self.folder}/cgroup.procs; exec "$@"'
        return subprocess.Popen(["sh", "-c", script, "sh", *command], **options)

    def kills(self) -> int:
        """Processes that the kernel killed in it for want of memory."""
        text = (self.folder / "memory.oom_control").read_text()
        return int(next(line for line in text.splitlines() if line.startswith("oom_kill ")).split()[1])

    def peak_mb(self) -> float:
        """The most that the group was charged."""
        return int((self.folder / "memory.max_usage_in_bytes").read_text()) / 2**20

    def close(self) -> None:
        """Ends what still runs in it."""
        for _ in range(100):
            pids = (self.folder / "cgroup.procs").read_text().split()
            if not pids:
                break
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(pid), 9)
            time.sleep(0.05)
        self.folder.rmdir()
