"""Content-addressed files of generated assets, within a quota, least recently used first to go."""

import hashlib
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
_ENDINGS = {
    "image/ktx2": "ktx2",
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/webp": "webp",
    "model/gltf-binary": "glb",
    "application/vnd.vrbridge.arrays": "arrays",
}
_MEDIA_TYPES = {ending: media_type for media_type, ending in _ENDINGS.items()}


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


class AssetStore:
    """Keeps assets by digest; the same bytes are kept once.

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
        self._maps: weakref.WeakValueDictionary[str, mmap.mmap] = weakref.WeakValueDictionary()
        self._pins: dict[str, int] = {}
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
        if media_type not in _ENDINGS:
            raise ValueError(f"The store keeps no {media_type}.")
        if not data:
            raise ValueError("An asset has at least one byte.")
        digest = "sha256:" + hashlib.sha256(data).hexdigest()
        present = self.open(digest)
        if present is not None:
            return present
        self._make_room(len(data))
        path = self._path(digest, media_type)
        try:
            path.parent.mkdir(exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self._folder, prefix=".partial-", delete=False) as file:
                try:
                    file.write(data)
                    file.flush()
                    # Atomic: a reader finds all bytes under the digest or nothing.
                    os.replace(file.name, path)  # noqa: PTH105 - the name is text here
                except OSError:
                    Path(file.name).unlink(missing_ok=True)
                    raise
        except OSError as error:
            raise Unavailable(
                "The asset store can't write to its disk at present; free some space or raise the quota.",
                retry_after_s=5.0,
            ) from error
        self._sizes[digest] = len(data)
        self._files[digest] = path
        opened = self.open(digest)
        assert opened is not None  # written above, by the only thread
        return opened

    def open(self, digest: str) -> StoredAsset | None:
        """Return an asset, or None if it is not kept; counts as a use."""
        path = self._files.get(digest)
        if path is None:
            return None
        mapped = self._maps.get(digest)
        if mapped is None:
            try:
                with path.open("rb") as file:
                    mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
                os.utime(path)  # the order of use survives a restart
            except (OSError, ValueError):  # removed, or emptied, behind our back
                self._forget(digest)
                return None
            self._maps[digest] = mapped
        self._sizes[digest] = self._sizes.pop(digest)
        return StoredAsset(digest, _MEDIA_TYPES[path.suffix[1:]], memoryview(mapped))

    def pin(self, digest: str) -> None:
        """Keep an asset from being dropped for room, until it is unpinned as often; any thread may call.

        An asset that nobody reads may be on its way out: only a pin made with the body at hand surely holds.
        """
        with self._pins_lock:
            self._pins[digest] = self._pins.get(digest, 0) + 1

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

    def drop(self, digest: str) -> bool:
        """Remove an asset, pinned or not; return whether it was kept. Those who read it are not disturbed."""
        path = self._files.get(digest)
        if path is None:
            return False
        path.unlink(missing_ok=True)
        self._forget(digest)
        return True

    def _make_room(self, n_bytes: int) -> None:
        excess = self.total_bytes + n_bytes - self._max_bytes
        # In this order: whoever lets go of a body after having pinned it is never overlooked.
        for digest in [d for d in self._sizes if d not in self._maps and d not in self._pins]:
            if excess <= 0:
                return
            excess -= self._sizes[digest]
            self.drop(digest)
        if excess > 0:
            raise Unavailable(
                "The asset store is full of assets in use; raise `memory.max_asset_mb` or retry.",
                retry_after_s=5.0,
            )

    def _scan(self) -> None:
        for partial in self._folder.glob(".partial-*"):
            partial.unlink(missing_ok=True)
        found = [p for p in self._folder.glob("[0-9a-f][0-9a-f]/*") if p.suffix[1:] in _MEDIA_TYPES]
        kept = sorted(((p.stat().st_mtime_ns, p) for p in found), key=lambda item: item[0])
        for _, path in kept:
            digest = f"sha256:{path.stem}"
            size = path.stat().st_size
            if _DIGEST.fullmatch(digest) and size:
                self._sizes[digest] = size
                self._files[digest] = path

    def _path(self, digest: str, media_type: str) -> Path:
        hexadecimal = digest.removeprefix("sha256:")
        return self._folder / hexadecimal[:2] / f"{hexadecimal}.{_ENDINGS[media_type]}"

    def _forget(self, digest: str) -> None:
        self._sizes.pop(digest, None)
        self._files.pop(digest, None)
