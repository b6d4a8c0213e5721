"""Disks that are full or stand still while a job is killed. They need root."""
import os
import subprocess
from contextlib import contextmanager
from pathlib import Path


def _run(*command):
    subprocess.run(command, check=True, capture_output=True)


@contextmanager
def _mounted(folder, *arguments):
    folder.mkdir()
    _run("mount", *arguments, folder)
    try:
        yield
    finally:
        _run("umount", folder)
        folder.rmdir()


class Plain:
    """A folder as it is."""

    name = "plain"
    is_hurt = False

    def __init__(self, folder):
        self.folder = folder

    @contextmanager
    def prepared(self):
        self.folder.mkdir()
        yield
        self.folder.rmdir()

    def hurt(self):
        """What goes wrong while the job runs."""

    def heal(self):
        """Ends it."""

    def clear(self):
        """Makes it as it was for the next job."""


class Full(Plain):
    """A disk of a few pages, so that the stream fills it within milliseconds; a part of it is freed where it heals."""

    name = "full"
    is_hurt = True

    @contextmanager
    def prepared(self):
        with _mounted(self.folder, "-t", "tmpfs", "-o", "size=512k", "none"):
            self._ballast = self.folder / "ballast"
            self.clear()
            yield

    def heal(self):
        self._ballast.unlink(missing_ok=True)

    def clear(self):
        self._ballast.write_bytes(bytes(480 << 10))


class Frozen(Plain):
    """A file system that takes no write: whoever writes waits."""

    name = "frozen"
    is_hurt = True

    @contextmanager
    def prepared(self):
        image = self.folder.with_suffix(".img")
        with image.open("wb") as file:
            file.truncate(16 << 20)
        _run("mkfs.ext4", "-q", image)
        try:
            with _mounted(self.folder, "-o", "loop", image):
                try:
                    yield
                finally:
                    # A round that broke off may leave it frozen, and nothing that touches it would ever end.
                    subprocess.run(["fsfreeze", "--unfreeze", self.folder], check=False, capture_output=True)
        finally:
            image.unlink()

    def hurt(self):
        _run("fsfreeze", "--freeze", self.folder)

    def heal(self):
        _run("fsfreeze", "--unfreeze", self.folder)


def possible():
    """The kinds of disk that this system lets one make."""
    if os.geteuid() != 0:
        return [Plain]
    found = [Plain, Full]
    return found + [Frozen] if Path("/dev/loop-control").exists() else found
