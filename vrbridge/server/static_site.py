"""Files that the port shows as they lie in folders."""

import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

# Tables of older systems lack these, and browsers insist on them.
_MEDIA_TYPES = {".js": "text/javascript", ".wasm": "application/wasm", ".woff2": "font/woff2"}


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file and how it travels.

    Args:
        data: Its bytes.
        media_type: By its name.
        encoding: `gzip`, or None for bytes as they are.
        etag: Differs when the file has changed; in quotation marks, as HTTP has it.
    """

    data: bytes
    media_type: str
    encoding: str | None = None
    etag: str = ""


class StaticSite:
    """Folders under the paths that show them; `index.html` is what a folder shows.

    A file beside which its `.gz` lies is sent compressed to whom takes it.

    Args:
        root: Shown under `/`.
        mounts: Name → folder shown under `/name/`, before what `root` has there.
    """

    def __init__(self, root: Path, mounts: Mapping[str, Path] | None = None) -> None:
        self._root = root.resolve()
        self._mounts = {name: folder.resolve() for name, folder in (mounts or {}).items()}

    def is_folder_without_slash(self, path: str) -> bool:
        """Whether a path names a mount, whose pages' links want a slash at its end."""
        return path.lstrip("/") in self._mounts

    def read(self, path: str, *, takes_gzip: bool = False) -> StaticFile | None:
        """Return the file of a path, or None if there is none, or only outside of the folders."""
        name, folder = path.lstrip("/"), self._root
        first, slash, rest = name.partition("/")
        if slash and first in self._mounts:
            name, folder = rest, self._mounts[first]
        file = (folder / (f"{name}index.html" if not name or name.endswith("/") else name)).resolve()
        try:
            if not file.is_relative_to(folder) or not file.is_file():
                return None
            packed = file.with_name(f"{file.name}.gz")
            is_packed = takes_gzip and packed.is_file()
            shown = packed if is_packed else file
            facts = shown.stat()
            data = shown.read_bytes()
        except OSError:  # a name that no file can have
            return None
        media_type = _MEDIA_TYPES.get(file.suffix) or mimetypes.guess_type(file.name)[0]
        return StaticFile(
            data,
            media_type or "application/octet-stream",
            "gzip" if is_packed else None,
            f'"{facts.st_mtime_ns:x}-{facts.st_size:x}"',
        )
