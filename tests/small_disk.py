"""A real file system with hardly any room."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

_BLOCK = 4096


@dataclass(frozen=True)
class SmallDisk:
    """A mounted file system."""

    folder: Path

    @property
    def _filler(self) -> Path:
        return self.folder / "filler"

    def fill(self, *, leave_bytes: int = 0) -> None:
        """Take all the room there is, but for some."""
        self.free()
        status = os.statvfs(self.folder)
        n_blocks = max(0, status.f_bavail * status.f_frsize - leave_bytes) // _BLOCK
        with self._filler.open("wb", buffering=0) as file:
            for _ in range(n_blocks):
                file.write(bytes(_BLOCK))

    def free(self) -> None:
        """Give the room back."""
        self._filler.unlink(missing_ok=True)


@contextmanager
def small_disk(folder: Path, *, n_bytes: int) -> Iterator[SmallDisk]:
    """Mount a file system in memory; skips the test where that is not permitted."""
    if os.geteuid() != 0:
        pytest.skip("only root mounts file systems")
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={n_bytes}", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("file systems can't be mounted here")
    try:
        yield SmallDisk(folder)
    finally:
        # Lazily: a map that somebody still holds must not keep the mount.
        subprocess.run(["umount", "-l", str(folder)], check=True)
