"""Content-addressed files of generated assets, within a quota, least recently used first to go."""

import errno
import hashlib
import logging
import mmap
import os
import re
import tempfile
import threading
import weakref
from dataclasses import dataclass
from pathlib import Path

from vrbridge.errors import Unavailable

_DIGEST = re.compile(r"sha256:([0-9a-f]{64})")
ENDINGS = {
    "image/ktx2": "ktx2",
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/webp": "webp",
    "model/gltf-binary": "glb",
    "application/vnd.vrbridge.arrays": "arrays",
}
MEDIA_TYPES = {ending: media_type for media_type, ending in ENDINGS.items()}
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
_RETRY_S = 5.0
_log = logging.getLogger(__name__)

_Stamp = tuple[int, int, int]
"""Inode, size and time of the last change: a file with the same three has the same content."""


@dataclass(frozen=True, slots=True)
class StoredAsset:
    """An asset at hand.

    Args:
        digest: `sha256:` and 64 hex digits.
        media_type: Such as `image/ktx2`.
        body: All bytes; a mapped file, valid even after the store has dropped it.
    """

    digest: str
    media_type: str
    body: memoryview


class _AssetMap(mmap.mmap):
    """A mapped file, with what kind of asset it is."""

    media_type = ""


class AssetStore:
    """Keeps assets by digest; the same bytes are kept once, and given out only if they have their digest.

    Not for the event loop: every call but `pin` and `unpin` touches the disk. One thread at a time.

    Args:
        folder: Made if missing; what a crash left half written is removed.
        max_bytes: Quota. Assets that somebody still reads, or has pinned, count and are not dropped.
    """

    def __init__(self, folder: Path, *, max_bytes: int) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._sizes: dict[str, int] = {}  # digest → bytes, least recently used first
        self._files: dict[str, Path] = {}
        self._checked: dict[str, _Stamp] = {}
        self._maps: weakref.WeakValueDictionary[str, _AssetMap] = weakref.WeakValueDictionary()
        self._pins: dict[str, int] = {}
        # Dropped while pinned: read until it is unpinned.
        self._held: dict[str, _AssetMap] = {}
        self._pins_lock = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)
        self._scan()

    @property
    def total_bytes(self) -> int:
        """Bytes of all kept assets."""
        return sum(self._sizes.values())

    def put(self, data: bytes | memoryview, media_type: str) -> StoredAsset:
        """Keep an asset and return it.

        Raises:
            Unavailable: If the quota, or the disk, has no room even after dropping what nobody reads.
            ValueError: If the data is empty or of a media type that vrbridge does not make.
        """
        if media_type not in ENDINGS:
            raise ValueError(f"The store keeps no {media_type}.")
        if not data:
            raise ValueError("An asset has at least one byte.")
        digest = digest_of(data)
        present = self.open(digest)
        if present is not None:
            return present
        self._make_room(len(data))
        path = self._path(digest, media_type)
        try:
            self._write(path, data)
        except OSError as error:
            raise Unavailable(
                "The asset store can't write to its disk at present; free some space or raise the quota.",
                retry_after_s=_RETRY_S,
            ) from error
        self._sizes[digest] = len(data)
        self._files[digest] = path
        self._checked[digest] = _stamp(path.stat())
        opened = self.open(digest)
        assert opened is not None  # written above, by the only thread
        return opened

    def open(self, digest: str) -> StoredAsset | None:
        """Return an asset, or None if it is not kept, or damaged; counts as a use.

        Raises:
            Unavailable: If the disk can't be read at present.
        """
        path = self._files.get(digest)
        if path is None:
            return None
        mapped = self._maps.get(digest)
        if mapped is None:
            mapped = self._map(digest, path)
            if mapped is None:
                return None
            self._maps[digest] = mapped
        self._sizes[digest] = self._sizes.pop(digest)
        return _stored(digest, mapped)

    def read(self, digest: str) -> StoredAsset | None:
        """Return an asset as `open` does, and one that was dropped for as long as it is pinned.

        Raises:
            Unavailable: As `open` does.
        """
        stored = self.open(digest)
        held = self._held.get(digest) if stored is None else None
        return stored if held is None else _stored(digest, held)

    def pin(self, digest: str) -> None:
        """Keep an asset from being dropped for room, until it is unpinned as often; any thread may call.

        An asset that nobody reads may be on its way out: only a pin made with the body at hand surely holds.
        """
        with self._pins_lock:
            self._pins[digest] = self._pins.get(digest, 0) + 1
            # It may have been dropped since its body was handed out.
            self._hold(digest)

    def unpin(self, digest: str) -> None:
        """Take one pin back; any thread may call.

        Raises:
            ValueError: If it is not pinned.
        """
        with self._pins_lock:
            n_pins = self._pins.pop(digest, 0)
            if n_pins == 0:
                raise ValueError("The asset is not pinned.")
            if n_pins > 1:
                self._pins[digest] = n_pins - 1
            else:
                self._held.pop(digest, None)

    def drop(self, digest: str) -> bool:
        """Remove an asset; return whether it was kept.

        Those who read it are not disturbed, and while it is pinned `read` still finds it, without a file.
        """
        path = self._files.get(digest)
        if path is None:
            return False
        body = self._last_view(digest)
        path.unlink(missing_ok=True)
        self._forget(digest)
        with self._pins_lock:
            if digest in self._pins:
                self._hold(digest)
        del body
        return True

    def _last_view(self, digest: str) -> StoredAsset | None:
        """Return a pinned asset that is about to go."""
        if digest not in self._pins:
            return None
        try:
            return self.open(digest)
        except Unavailable:
            # Whoever wants it gone comes before whoever still waits for it.
            return None

    def _map(self, digest: str, path: Path) -> _AssetMap | None:
        """Return the file if it holds what its name says; otherwise it is dropped."""
        try:
            with path.open("rb") as file:
                is_checked = self._checked.get(digest) == _stamp(os.fstat(file.fileno()))
                mapped = _AssetMap(file.fileno(), 0, access=mmap.ACCESS_READ)
                mapped.media_type = MEDIA_TYPES[path.suffix[1:]]
                if not is_checked and digest_of(mapped) != digest:
                    raise ValueError("These are other bytes.")
                os.utime(file.fileno())  # the order of use survives a restart
                self._checked[digest] = _stamp(os.fstat(file.fileno()))
        except FileNotFoundError:
            self._forget(digest)
            return None
        except ValueError:  # emptied, cut or overwritten behind our back
            _log.warning("An asset is damaged and was dropped: %s", digest)
            path.unlink(missing_ok=True)
            self._forget(digest)
            return None
        except OSError as error:
            text = "The asset store can't read from its disk at present."
            raise Unavailable(text, retry_after_s=_RETRY_S) from error
        return mapped

    def _hold(self, digest: str) -> None:
        """Keep what is dropped and still mapped, until it is unpinned."""
        mapped = None if digest in self._files else self._maps.get(digest)
        if mapped is not None:
            self._held[digest] = mapped

    def _write(self, path: Path, data: bytes | memoryview) -> None:
        """Write a file, after dropping others if the disk is full."""
        try:
            self._write_whole(path, data)
        except OSError as error:
            if error.errno not in _NO_ROOM or self._drop_idle(len(data)) <= 0:
                raise
            self._write_whole(path, data)

    def _write_whole(self, path: Path, data: bytes | memoryview) -> None:
        """Write a file so that a reader finds all bytes under its name, or nothing."""
        path.parent.mkdir(exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self._folder, prefix=".partial-", delete=False) as file:
            try:
                file.write(data)
                file.flush()
                os.replace(file.name, path)  # noqa: PTH105 - the name is text here
            except OSError:
                Path(file.name).unlink(missing_ok=True)
                raise

    def _make_room(self, n_bytes: int) -> None:
        excess = self.total_bytes + n_bytes - self._max_bytes
        if excess - self._drop_idle(excess) > 0:
            raise Unavailable(
                "The asset store is full of assets in use; raise `memory.max_asset_mb` or retry.",
                retry_after_s=_RETRY_S,
            )

    def _drop_idle(self, n_bytes: int) -> int:
        """Drop so many bytes of what nobody reads or has pinned, or what there is; return how many."""
        n_dropped = 0
        # In this order: whoever lets go of a body after having pinned it is never overlooked.
        for digest in [d for d in self._sizes if d not in self._maps and d not in self._pins]:
            if n_dropped >= n_bytes:
                break
            n_dropped += self._sizes[digest]
            self.drop(digest)
        return n_dropped

    def _scan(self) -> None:
        for partial in self._folder.glob(".partial-*"):
            partial.unlink(missing_ok=True)
        found = [p for p in self._folder.glob("[0-9a-f][0-9a-f]/*") if p.suffix[1:] in MEDIA_TYPES]
        kept = sorted(((p.stat().st_mtime_ns, p) for p in found), key=lambda item: item[0])
        for _, path in kept:
            digest = f"sha256:{path.stem}"
            size = path.stat().st_size
            if not size:
                path.unlink(missing_ok=True)
            elif is_digest(digest):
                self._sizes[digest] = size
                self._files[digest] = path

    def _path(self, digest: str, media_type: str) -> Path:
        hexadecimal = digest.removeprefix("sha256:")
        return self._folder / hexadecimal[:2] / f"{hexadecimal}.{ENDINGS[media_type]}"

    def _forget(self, digest: str) -> None:
        self._sizes.pop(digest, None)
        self._files.pop(digest, None)
        self._checked.pop(digest, None)


def _stored(digest: str, mapped: _AssetMap) -> StoredAsset:
    return StoredAsset(digest, mapped.media_type, memoryview(mapped))


def digest_of(data: bytes | memoryview | mmap.mmap) -> str:
    """Return `sha256:` and 64 hex digits."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def is_digest(text: str) -> bool:
    """Return whether a text is a digest as this store writes it."""
    return _DIGEST.fullmatch(text) is not None


def _stamp(status: os.stat_result) -> _Stamp:
    return status.st_ino, status.st_size, status.st_ctime_ns
