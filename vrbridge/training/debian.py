"""Debian packages as a source of data: fetches them, checks them, and reads files out of them."""

import hashlib
import posixpath
import shutil
import subprocess
import tarfile
import tempfile
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vrbridge.errors import DataError

MAX_FILE_BYTES = 4 * 1024**3
"""The largest archive inside a package, 0 A.D.'s, has 3.3 GB."""

MAX_UNPACKED_BYTES = 8 * 1024**3
"""Of one package."""

_CHUNK_BYTES = 1 << 20
_MAX_LINKS = 4
"""From link to link."""
_DOWNLOAD_TIMEOUT_S = 3600


@dataclass(frozen=True, slots=True)
class DebianPackage:
    """One package in the version that a data set was made from.

    Attributes:
        name: As apt knows it.
        version: Debian version.
        sha256: Of the .deb, 64 hexadecimal digits.
        bytes: Size of the .deb; 0 if unknown.
        folder: Where in the package pictures and models lie, without a leading `/`; empty for its root.
        copyrights: Copyright statements, which pictures refer to by number.
    """

    name: str
    version: str
    sha256: str
    bytes: int = 0
    folder: str = ""
    copyrights: tuple[str, ...] = ()

    @property
    def file_name(self) -> str:
        """What `apt-get download` calls the .deb."""
        return f"{self.name}_{self.version.replace(':', '%3a')}_all.deb"


def read_packages(path: Path) -> dict[str, DebianPackage]:
    """Return the packages that a TOML file lists under `[[package]]`, by name.

    Raises:
        DataError: If the file isn't there, or isn't such a list.
    """
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8"))["package"]
        packages = [_package(entry) for entry in entries]
    except OSError as error:
        raise DataError(f"{path.name}: can't be read.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"{path.name}: needs a [[package]] with name, version and sha256 for each package."
        ) from error
    return {package.name: package for package in packages}


def _package(entry: Mapping[str, Any]) -> DebianPackage:
    return DebianPackage(
        name=entry["name"],
        version=entry["version"],
        sha256=entry["sha256"],
        bytes=int(entry.get("bytes", 0)),
        folder=entry.get("folder", ""),
        copyrights=tuple(entry.get("copyrights", ())),
    )


def find_package(package: DebianPackage, folder: Path) -> Path:
    """Return the .deb of a package in a folder, after a check of its SHA-256.

    Raises:
        DataError: If it is not there, there in another version only, or damaged.
    """
    path = folder / package.file_name
    if not path.is_file():
        others = sorted(other.name for other in folder.glob(f"{package.name}_*.deb"))
        found = f"only {', '.join(others)} is there" if others else "it is not there"
        raise DataError(
            f"{package.file_name}: {found}; version {package.version} is needed. Debian bookworm has it, and "
            f"https://snapshot.debian.org/package/{package.name}/ keeps it."
        )
    with path.open("rb") as file:
        is_right = hashlib.file_digest(file, "sha256").hexdigest() == package.sha256
    if not is_right:
        raise DataError(
            f"{package.file_name}: damaged or changed (other SHA-256); delete it and fetch it anew."
        )
    return path


def download_package(package: DebianPackage, folder: Path) -> Path:
    """Fetch a .deb with `apt-get download` unless it is in the folder already; return its path, checked.

    Raises:
        DataError: If there is no apt, it doesn't know this version, or what came is damaged.
    """
    if (folder / package.file_name).is_file():
        return find_package(package, folder)
    apt = shutil.which("apt-get")
    if apt is None:
        raise DataError(
            "There is no apt-get here; get the .deb files from "
            "https://snapshot.debian.org and name their folder with --debs."
        )
    folder.mkdir(parents=True, exist_ok=True)
    # apt leaves a part of a file behind when it is stopped; only a whole one is moved to its place.
    with tempfile.TemporaryDirectory(dir=folder, prefix=".download-") as unfinished:
        command = [apt, "download", "-q", f"{package.name}={package.version}"]
        try:
            done = subprocess.run(
                command, cwd=unfinished, capture_output=True, timeout=_DOWNLOAD_TIMEOUT_S, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise DataError(f"{package.name}: apt-get took over an hour; try again.") from error
        if done.returncode != 0:
            lines = done.stderr.decode(errors="replace").strip().splitlines() or ["no reason given"]
            raise DataError(
                f"{package.name} {package.version}: apt-get says: {lines[-1]} "
                "Is Debian bookworm among its sources, and `apt-get update` done? Or get it from "
                f"https://snapshot.debian.org/package/{package.name}/ and name its folder with --debs."
            )
        path = find_package(package, Path(unfinished))
        return path.replace(folder / package.file_name)


def package_files(
    deb: Path, names: Collection[str], *, scratch: Path | None = None
) -> Iterator[tuple[str, Path]]:
    """Yield those files of a .deb that are named, in the package's order.

    Contents go to a temporary file that is gone at the next step; paths of the package are compared and
    never written to. Links are not followed.

    Args:
        deb: The package.
        names: Paths inside it without a leading `/` or `./`.
        scratch: Folder for temporary files of up to 4 GiB; None: the system's, which may be small.

    Raises:
        DataError: If there is no dpkg-deb, the package is damaged, a file is over 4 GiB, or a named one is
            not in it.
    """
    missing = set(names)
    with (
        tempfile.TemporaryDirectory(prefix=".vrbridge-", dir=scratch) as folder,
        _opened(deb) as members,
    ):
        for member in members:
            name = member.name.removeprefix("./")
            if name in missing and member.isreg():
                yield name, _copied(members, member, Path(folder) / "file", deb.name)
                missing.discard(name)
                if not missing:
                    return
    raise DataError(f"{deb.name}: {min(missing)} is not in it, or the package is damaged.")


def unpack_package(deb: Path, is_wanted: Callable[[str], bool], folder: Path) -> dict[str, Path]:
    """Write the wanted files of a .deb into a folder, and return where each is, by its path in the package.

    Paths of the package are compared and never written to: files are numbered. A link stands for the wanted
    file that it leads to inside the package.

    Args:
        deb: The package.
        is_wanted: Told a path without a leading `/` or `./`.
        folder: An empty one.

    Raises:
        DataError: If there is no dpkg-deb, the package is damaged, or what is wanted is too large.
    """
    found: dict[str, Path] = {}
    links: dict[str, str] = {}
    n_bytes = 0
    with _opened(deb) as members:
        for member in members:
            name = member.name.removeprefix("./")
            if not is_wanted(name):
                continue
            if member.issym():
                links[name] = posixpath.normpath(posixpath.join(posixpath.dirname(name), member.linkname))
            elif member.islnk():
                links[name] = member.linkname.removeprefix("./")
            elif member.isreg():
                n_bytes += member.size
                if n_bytes > MAX_UNPACKED_BYTES:
                    raise DataError(f"{deb.name}: over {MAX_UNPACKED_BYTES:,} bytes to unpack.")
                found[name] = _copied(members, member, folder / f"{len(found)}", deb.name)
    for name, target in links.items():
        for _ in range(_MAX_LINKS):
            target = links.get(target, target)
        if target in found:
            found[name] = found[target]
    return found


@contextmanager
def _opened(deb: Path) -> Iterator[tarfile.TarFile]:
    """Give the files of a package, to be gone through once."""
    tool = shutil.which("dpkg-deb")
    if tool is None:
        raise DataError("There is no dpkg-deb here; it comes with the Debian package dpkg.")
    command = [tool, "--fsys-tarfile", str(deb)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        try:
            with tarfile.open(fileobj=process.stdout, mode="r|") as members:
                yield members
        except (tarfile.TarError, EOFError) as error:
            raise DataError(f"{deb.name}: this is no Debian package, or it is damaged.") from error
        finally:
            process.kill()


def _copied(members: tarfile.TarFile, member: tarfile.TarInfo, path: Path, deb: str) -> Path:
    if member.size > MAX_FILE_BYTES:
        raise DataError(f"{deb}: a file of {member.size:,} bytes in it is over 4 GiB.")
    content = members.extractfile(member)
    assert content is not None
    with content, path.open("wb") as file:
        shutil.copyfileobj(content, file, _CHUNK_BYTES)
    return path
