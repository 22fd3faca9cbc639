"""One asset on its way: chunks in, a checked file out."""

import hashlib
from collections.abc import Mapping
from typing import Any

from vrbridge.client.events import Asset


class WrongChunk(Exception):
    """A chunk that doesn't continue the asset, so that part of it must have been lost."""


class Assembly:
    """Collects the chunks of one asset.

    Args:
        header: The `asset` message.
    """

    def __init__(self, header: Mapping[str, Any]) -> None:
        self._header = header
        self._body = bytearray()
        self._hash = hashlib.sha256()
        self.request_id: int = header["id"]

    @property
    def role(self) -> str:
        """What the asset is for."""
        return str(self._header["role"])

    @property
    def n_bytes(self) -> int:
        """How many bytes have arrived."""
        return len(self._body)

    @property
    def is_complete(self) -> bool:
        """Whether all announced bytes have arrived."""
        return self.n_bytes == int(self._header["bytes"])

    def add(self, offset: int, data: bytes) -> None:
        """Append a chunk.

        Raises:
            WrongChunk: If it leaves a gap, repeats something or runs past the end.
        """
        if offset != self.n_bytes or offset + len(data) > self._header["bytes"]:
            raise WrongChunk(f"Chunk at {offset} of an asset that has {self.n_bytes} bytes so far.")
        self._body += data
        self._hash.update(data)

    def finish(self) -> Asset | None:
        """Return the asset, or None if its bytes don't match the digest."""
        if f"sha256:{self._hash.hexdigest()}" != self._header["digest"]:
            return None
        return Asset(
            role=self.role,
            media_type=self._header["media_type"],
            data=bytes(self._body),
            digest=self._header["digest"],
            meta=self._header.get("meta") or {},
        )
