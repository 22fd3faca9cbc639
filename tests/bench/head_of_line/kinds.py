"""Kinds that are scripted: a character who says a word now and then, and an asset of any size."""

import asyncio
import hashlib
import random
import time
from collections.abc import AsyncGenerator, Mapping
from functools import cache
from typing import Any

import numpy as np

from vrbridge.jobs.events import AssetReady, Event, Finished, Spoken
from vrbridge.jobs.kind import Asker, Estimate

_UNEVEN = 0.2
"""Words come up to so much earlier or later, so that they don't keep step with anything else."""


class Words:
    """Says the time, on the monotonic clock that all processes of the machine share.

    `params`: `interval_s` between words, `duration_s` of the answer, `seed`.
    """

    name = "dialogue"

    def __init__(self) -> None:
        self.said: list[float] = []
        """When each word was said."""

    def capability(self) -> Mapping[str, Any]:
        """Return what `welcome` says of it."""
        return {"model": "scripted", "origin": "procedural"}

    def check(self, params: Mapping[str, Any], asker: Asker) -> Mapping[str, Any]:
        """Return the parameters."""
        return params

    def admit(self, checked: Mapping[str, Any], asker: Asker) -> Estimate:
        """Start at once."""
        return Estimate(0, None)

    async def run(self, checked: Mapping[str, Any], asker: Asker) -> AsyncGenerator[Event, None]:
        """Say one word after the other."""
        uneven = random.Random(checked["seed"])
        due = time.monotonic()
        end = due + checked["duration_s"]
        while due < end:
            due += checked["interval_s"] * uneven.uniform(1 - _UNEVEN, 1 + _UNEVEN)
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            self.said.append(time.monotonic())
            yield Spoken(f"{self.said[-1]!r} ")
        yield Finished({"text": ""}, {})


class Props:
    """Has an asset of `params.bytes` bytes at once.

    Args:
        assets: Where it is kept.
    """

    name = "mesh"

    def __init__(self, assets: "Kept") -> None:
        self._assets = assets

    def capability(self) -> Mapping[str, Any]:
        """Return what `welcome` says of it."""
        return {"model": "scripted", "origin": "procedural"}

    def check(self, params: Mapping[str, Any], asker: Asker) -> int:
        """Return the size."""
        return int(params["bytes"])

    def admit(self, checked: int, asker: Asker) -> Estimate:
        """Start at once."""
        return Estimate(0, None)

    async def run(self, checked: int, asker: Asker) -> AsyncGenerator[Event, None]:
        """Hand it out."""
        made = asset(checked)
        self._assets.kept[made.digest] = made
        yield made
        yield Finished({}, {})


@cache
def asset(n_bytes: int) -> AssetReady:
    """Return an asset that can't be compressed."""
    body = np.random.default_rng(0).bytes(n_bytes)
    digest = "sha256:" + hashlib.sha256(body).hexdigest()
    return AssetReady("lod0", "model/gltf-binary", digest, memoryview(body), {"faces": 1})


class Kept:
    """Assets in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, AssetReady] = {}

    def pin(self, digest: str) -> None:
        """Keep; nothing is ever removed here."""

    def unpin(self, digest: str) -> None:
        """Keep nevertheless."""

    async def fetch(self, digest: str) -> tuple[str, memoryview | bytes] | None:
        """Return one."""
        made = self.kept.get(digest)
        return None if made is None else (made.media_type, made.body)


class Forgetful:
    """Remembers nothing."""

    async def heard(self, *, session: str, player: str, request_id: int, characters: int) -> None:
        """Forget it."""

    async def forget(self, *, scope: str, session: str, player: str) -> int:
        """Have nothing to forget."""
        return 0
