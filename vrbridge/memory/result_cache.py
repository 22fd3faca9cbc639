"""Finished results by what was asked, so that the same request with the same seed is answered at once."""

import hashlib
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from vrbridge.memory.asset_store import AssetStore

_log = logging.getLogger(__name__)
_MAX_OWNERS = 256


class CachedAsset(msgspec.Struct, frozen=True):
    """One asset of a result; the bytes are in the asset store."""

    role: str
    media_type: str
    digest: str
    meta: dict[str, Any]


class Owner(msgspec.Struct, frozen=True):
    """Who asked for a result."""

    player: str
    session: str


class CachedResult(msgspec.Struct, frozen=True):
    """A whole answer: assets in order, then the result."""

    assets: tuple[CachedAsset, ...]
    result: dict[str, Any]
    owners: tuple[Owner, ...] = ()
    asked_at: tuple[float, ...] = ()
    """Of each owner, when they asked first, in seconds since 1970."""


def result_key(kind: str, params: Mapping[str, Any], *, model: str, device: str) -> str:
    """Return the key of a request: 64 hex digits of everything that decides the bytes.

    Args:
        kind: The request's kind.
        params: Checked parameters, the seed and negotiated formats included; order does not matter.
        model: Name of the generator that would make it.
        device: Kind of device it would run on.
    """
    # Large values by their digests, which is quicker than writing them out.
    values = {
        name: hashlib.sha256(value).hexdigest() if isinstance(value, bytes) else value
        for name, value in params.items()
    }
    canonical = msgspec.json.encode([kind, values, model, device], order="deterministic")
    return hashlib.sha256(canonical).hexdigest()


class ResultCache:
    """Remembers which assets answered which request.

    Not for the event loop: every call touches the disk. One thread at a time.

    Args:
        folder: One small JSON file a result; what a crash left half written is removed.
        store: Where the bytes are. A result whose asset was dropped counts as unknown.
        max_results: The oldest go beyond this.
        on_lost: Called with `results` for each that can't be kept.
        clock: Seconds since 1970.
    """

    def __init__(
        self,
        folder: Path,
        store: AssetStore,
        *,
        max_results: int = 10_000,
        on_lost: Callable[[str], None] = lambda part: None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._folder = folder
        self._store = store
        self._max_results = max_results
        self._on_lost = on_lost
        self._clock = clock
        folder.mkdir(parents=True, exist_ok=True)
        for partial in folder.glob(".*.partial"):
            partial.unlink(missing_ok=True)
        files = sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
        self._keys = dict.fromkeys(path.stem for path in files)  # oldest first

    def remember(self, key: str, result: CachedResult, owner: Owner) -> bool:
        """Keep a result for whoever asks the same again; return whether it is kept.

        A disk that has no room costs the memory of it, not the answer.
        """
        try:
            owners, asked_at = (*result.owners, owner), (*result.asked_at, self._clock())
            self._write(key, msgspec.structs.replace(result, owners=owners, asked_at=asked_at))
        except OSError as error:
            _log.warning("A result was not remembered: %s", error.strerror)
            self._on_lost("results")
            return False
        self._keys.pop(key, None)
        self._keys[key] = None
        while len(self._keys) > self._max_results:
            self._remove(next(iter(self._keys)))
        return True

    def recall(self, key: str, owner: Owner) -> CachedResult | None:
        """Return a result whose assets are all there, or None."""
        result = self._read(key) if key in self._keys else None
        if result is None:
            return None
        if any(self._store.open(asset.digest) is None for asset in result.assets):
            self._remove(key)
            return None
        if owner not in result.owners and len(result.owners) < _MAX_OWNERS:
            self.remember(key, result, owner)
        return result

    def forget(self, *, player: str, session: str | None = None) -> frozenset[str]:
        """Erase what only this player (or this session of theirs) asked for; return the assets' digests.

        Args:
            player: Whose results.
            session: None: of all sessions.
        """
        return self.forget_where(lambda owner, asked_at: _is(owner, player, session))

    def forget_where(self, is_gone: Callable[[Owner, float], bool]) -> frozenset[str]:
        """Erase what nobody else asked for; return the assets' digests.

        Args:
            is_gone: Tells of somebody who asked, and of when, in seconds since 1970, whether they are to be
                forgotten.
        """
        gone: set[str] = set()
        kept: set[str] = set()
        for key in list(self._keys):
            result = self._read(key)
            if result is None:
                continue
            asked = list(zip(result.owners, result.asked_at, strict=True))
            left = [(owner, at) for owner, at in asked if not is_gone(owner, at)]
            digests = {asset.digest for asset in result.assets}
            if left == asked:
                kept |= digests
            elif left:
                kept |= digests
                self._leave_to(key, result, left)
            else:
                gone |= digests
                self._remove(key)
        return frozenset(digest for digest in sorted(gone - kept) if self._store.drop(digest))

    def _leave_to(self, key: str, result: CachedResult, left: Sequence[tuple[Owner, float]]) -> None:
        """Note who else asked for a result; a disk without room costs the result, not the forgetting."""
        owners, asked_at = tuple(owner for owner, _ in left), tuple(at for _, at in left)
        try:
            self._write(key, msgspec.structs.replace(result, owners=owners, asked_at=asked_at))
        except OSError:
            self._remove(key)

    def _read(self, key: str) -> CachedResult | None:
        try:
            result = msgspec.json.decode(self._file(key).read_bytes(), type=CachedResult)
            if len(result.asked_at) == len(result.owners):
                return result
            # Of a version that noted only when the file was written.
            asked_at = (self._file(key).stat().st_mtime,) * len(result.owners)
            return msgspec.structs.replace(result, asked_at=asked_at)
        except (OSError, msgspec.DecodeError):  # removed or cut short: as if never made
            self._remove(key)
            return None

    def _write(self, key: str, result: CachedResult) -> None:
        partial = self._folder / f".{key}.partial"
        try:
            partial.write_bytes(msgspec.json.encode(result))
            partial.replace(self._file(key))
        except OSError:
            partial.unlink(missing_ok=True)
            raise

    def _remove(self, key: str) -> None:
        self._file(key).unlink(missing_ok=True)
        self._keys.pop(key, None)

    def _file(self, key: str) -> Path:
        return self._folder / f"{key}.json"


def _is(owner: Owner, player: str, session: str | None) -> bool:
    return owner.player == player and session in (None, owner.session)
