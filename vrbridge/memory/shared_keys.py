"""Where things lie in a shared bucket.

```
assets/<2 hex>/<64 hex>.<ending>                bytes, by their digest
results/<key>.json                              which assets answered which request
owners/<player>/<session>/<key>-<assets>        who asked for what, and the assets they got: what to forget
claims/<key>/<player>/<session>                 empty: the same by result, to see whether others asked, too
uses/<64 hex>/<player>/<session>/<key>.<ending> empty: the same by asset
forgotten/<player>/<session or all>/<server>    empty: who asked to be forgotten, and when, by its time
notices/<day>/<player>/<session or all>/<server>  empty: the same by day, for servers with copies of their own
clocks/<any>                                    empty: for a moment, to see what time it is there
```

Players and sessions are written as the SHA-256 of their names; servers, anew at each start, as any name.
"""

import hashlib
from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from vrbridge.memory.asset_store import ENDINGS, MEDIA_TYPES, is_digest
from vrbridge.memory.notices import HashedOwner, hashed, hashed_owner, notice_name
from vrbridge.memory.result_cache import CachedAsset, Owner

NOTICES = "notices"


class AssetName(msgspec.Struct, frozen=True):
    """What decides where an asset lies."""

    digest: str
    media_type: str

    @property
    def key(self) -> str:
        """Of its object."""
        digits = self.digest.removeprefix("sha256:")
        return f"assets/{digits[:2]}/{digits}.{ENDINGS[self.media_type]}"

    @property
    def uses(self) -> str:
        """Folder of those who have it."""
        return _uses(self.digest)


class Claim(NamedTuple):
    """That somebody asked for a result, and got assets."""

    owner: HashedOwner
    key: str
    assets: tuple[AssetName, ...]

    @property
    def by_owner(self) -> str:
        """Key of the object that is found by who asked; another one where the assets are others."""
        variant = hashlib.sha256(self.content).hexdigest()[:16]
        return f"owners/{self._who}/{self.key}-{variant}"

    @property
    def content(self) -> bytes:
        """Of that object."""
        return msgspec.json.encode(self.assets)

    @property
    def by_result(self) -> str:
        """Key of the object that is found by what was asked for."""
        return f"{claims_on(self.key)}/{self._who}"

    @property
    def _who(self) -> str:
        return "/".join(self.owner)

    def by_asset(self, asset: AssetName) -> str:
        """Key of the object that is found by one of the assets."""
        return f"{asset.uses}/{self._who}/{self.key}.{ENDINGS[asset.media_type]}"


def claim_of(owner: Owner, key: str, assets: Iterable[CachedAsset]) -> Claim:
    """Return that somebody asked for a result."""
    names = {AssetName(asset.digest, asset.media_type): None for asset in assets}
    return Claim(hashed_owner(owner), key, tuple(names))


def read_claim(by_owner: str, content: bytes | memoryview) -> Claim | None:
    """Return what an object below `owners/` says, or None if it is not one of ours."""
    parts = by_owner.split("/")
    if len(parts) != 4:
        return None
    try:
        assets = msgspec.json.decode(content, type=tuple[AssetName, ...])
    except msgspec.DecodeError:
        return None
    owner = HashedOwner(parts[1], parts[2])
    return Claim(owner, parts[3].rpartition("-")[0], assets) if are_known(assets) else None


def owned_by(player: str, session: str | None) -> str:
    """Return the folder of what a player, or one session of theirs, asked for; names not hashed yet."""
    folder = f"owners/{hashed(player)}"
    return folder if session is None else f"{folder}/{hashed(session)}"


def notices_of(player: str, session: str | None, *, day: str, giver: str) -> tuple[str, str]:
    """Return the keys of the objects that say that somebody is to be forgotten; names not hashed yet."""
    who = notice_name(player, session, giver)
    return f"forgotten/{who}", f"{NOTICES}/{day}/{who}"


def notice_in(key: str) -> str:
    """Return what a notice is called apart from the folder that it lies in."""
    folder, _, name = key.partition("/")
    return name.partition("/")[2] if folder == NOTICES else name


def clock_of(name: str) -> tuple[str, str]:
    """Return a folder for one object, and its key."""
    return f"clocks/{name}", f"clocks/{name}/now"


def forgotten_of(player: str) -> str:
    """Return the folder of what a player asked to be forgotten; the name is hashed already."""
    return f"forgotten/{player}"


def result_object(key: str) -> str:
    """Return the key of a result."""
    return f"results/{key}.json"


def claims_on(key: str) -> str:
    """Return the folder of those who asked for a result."""
    return f"claims/{key}"


def are_known(assets: Iterable[CachedAsset | AssetName]) -> bool:
    """Return whether assets can be in a bucket at all."""
    return all(is_digest(asset.digest) and asset.media_type in ENDINGS for asset in assets)


def uses_of(digest: str) -> str | None:
    """Return the folder of those who have an asset, or None if that is no digest."""
    return _uses(digest) if is_digest(digest) else None


def used_media_type(use: str) -> str | None:
    """Return the media type that a key below `uses/` says, or None if it is not one of ours."""
    return MEDIA_TYPES.get(use.rpartition(".")[2])


def _uses(digest: str) -> str:
    return "uses/" + digest.removeprefix("sha256:")
