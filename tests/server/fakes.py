"""Kinds, memory and assets that are scripted by data."""

import asyncio
import hashlib
import time
from collections import Counter
from collections.abc import AsyncGenerator, Mapping
from typing import Any

import numpy as np

from vrbridge.errors import GeneratorFailed, InvalidParams, Overloaded, Unavailable
from vrbridge.jobs.events import ActionChosen, AssetReady, Event, Finished, Progressed, Spoken
from vrbridge.jobs.kind import Asker, Estimate


class FakeKind:
    """Does what its params say, step by step.

    `params.steps` is a list of pairs: `["say", text]`, `["asset", n_bytes]`, `["act", name]`, `["progress",
    fraction]`, `["wait", gate]` (until the test opens the gate), `["block", seconds]` (the event loop stands
    still), `["fail", message]`, `["break", message]`, `["vanish", None]` (without a result).
    """

    def __init__(self, name: str, assets: "FakeAssets | None" = None, *, is_available: bool = True) -> None:
        self.name = name
        self.assets = assets or FakeAssets()
        self.is_available = is_available
        self.is_overloaded = False
        self.is_broken = False
        self.n_runs = 0
        self.askers: list[Asker] = []
        self.gates: dict[str, asyncio.Event] = {}
        self._waiting: Counter[str] = Counter()
        self.stopped: list[int] = []
        self.has_stopped = asyncio.Event()

    def gate(self, name: str) -> asyncio.Event:
        """Return what a `wait` step waits for."""
        return self.gates.setdefault(name, asyncio.Event())

    def n_arrived_at(self, gate: str) -> int:
        """Return how many runs have come to a gate so far."""
        return self._waiting[gate]

    def capability(self) -> Mapping[str, Any] | None:
        """Return a capability, or None if the test made it unavailable."""
        return {"model": "fake", "origin": "procedural"} if self.is_available else None

    def check(self, params: Mapping[str, Any], asker: Asker) -> list[tuple[str, Any]]:
        """Return the steps."""
        if not isinstance(params.get("steps"), list):
            raise InvalidParams("`params.steps` must be a list.", field="params.steps")
        if self.is_broken:
            raise TypeError("a mistake")
        self.askers.append(asker)
        return [(name, value) for name, value in params["steps"]]

    def admit(self, checked: object, asker: Asker) -> Estimate:
        """Return an estimate, or refuse."""
        if self.is_overloaded:
            raise Overloaded("Too much waits.", retry_after_s=2.5)
        return Estimate(0, 0.5)

    async def run(self, checked: list[tuple[str, Any]], asker: Asker) -> AsyncGenerator[Event, None]:
        """Carry the steps out."""
        self.n_runs += 1
        spoken = ""
        try:
            for name, value in checked:
                match name:
                    case "say":
                        spoken += value
                        yield Spoken(value)
                    case "asset":
                        yield self.assets.keep(asset(value))
                    case "act":
                        yield ActionChosen(value, {"to": "door"})
                    case "progress":
                        yield Progressed("work", value)
                    case "wait":
                        self._waiting[value] += 1
                        await self.gate(value).wait()
                    case "block":
                        time.sleep(value)  # noqa: ASYNC251 - what a mistake in a kind could do
                    case "fail":
                        raise GeneratorFailed(value)
                    case "break":
                        raise RuntimeError(value)
                    case "vanish":
                        return
        except (asyncio.CancelledError, GeneratorExit):
            self.stopped.append(asker.request_id)
            self.has_stopped.set()
            raise
        yield Finished({"text": spoken}, {"generate_ms": 1.0})


def asset(n_bytes: int) -> AssetReady:
    """Return an asset whose bytes tell where they are."""
    body = np.arange((n_bytes + 3) // 4, dtype="<u4").tobytes()[:n_bytes]
    digest = "sha256:" + hashlib.sha256(body).hexdigest()
    return AssetReady("lod0", "model/gltf-binary", digest, memoryview(body), {"faces": 1})


class FakeMemory:
    """Notes what it is told, and has as much to forget as the test says."""

    def __init__(self) -> None:
        self.heard_calls: list[tuple[str, int, int]] = []
        self.n_items = 3
        self.is_broken = False

    async def heard(self, *, session: str, player: str, request_id: int, characters: int) -> None:
        """Note it."""
        self.heard_calls.append((player, request_id, characters))

    async def forget(self, *, scope: str, session: str, player: str) -> int:
        """Forget everything once."""
        if self.is_broken:
            raise OSError(28, "No space left on device")
        n_items, self.n_items = self.n_items, 0
        return n_items


class FakeAssets:
    """Assets by digest."""

    def __init__(self) -> None:
        self.kept: dict[str, tuple[str, bytes]] = {}
        self.pinned: Counter[str] = Counter()
        self.are_away = False

    def keep(self, made: AssetReady) -> AssetReady:
        """Keep what was made."""
        self.kept[made.digest] = (made.media_type, bytes(made.body))
        return made

    def pin(self, digest: str) -> None:
        """Count a pin."""
        self.pinned[digest] += 1

    def unpin(self, digest: str) -> None:
        """Take one back."""
        self.pinned[digest] -= 1
        assert self.pinned[digest] >= 0, "what is unpinned was pinned before"
        self.pinned += Counter()

    async def fetch(self, digest: str) -> tuple[str, memoryview | bytes] | None:
        """Return one, unless they are away, as a bucket may be."""
        if self.are_away:
            raise Unavailable("The assets can't be reached at present; try again.")
        return self.kept.get(digest)
