"""Small Debian packages, made for tests."""

import hashlib
import io
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from vrbridge.training.debian import DebianPackage

needs_dpkg = pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="needs dpkg-deb")


def deb(
    folder: Path,
    files: dict[str, bytes],
    link: tuple[str, str] | None = None,
    *,
    name: str = "bricks",
    subfolder: str = "",
) -> DebianPackage:
    """Make version 1.0-1 of a package in the folder, with two copyright statements."""
    tree = folder / f"tree-{name}"
    (tree / "DEBIAN").mkdir(parents=True)
    (tree / "DEBIAN" / "control").write_text(
        f"Package: {name}\nVersion: 1.0-1\nArchitecture: all\nMaintainer: T <t@example.org>\nDescription: t\n"
    )
    for inside, content in files.items():
        (tree / inside).parent.mkdir(parents=True, exist_ok=True)
        (tree / inside).write_bytes(content)
    if link is not None:
        (tree / link[0]).symlink_to(link[1])
    path = folder / f"{name}_1.0-1_all.deb"
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", "-Znone", "-b", str(tree), str(path)],
        check=True,
        capture_output=True,
    )
    shutil.rmtree(tree)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    return DebianPackage(
        name, "1.0-1", sha256, path.stat().st_size, subfolder, ("2001 Ann Artist", "2002 Bob Painter")
    )


def zipped(files: dict[str, bytes]) -> bytes:
    """Return a zip archive."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()
