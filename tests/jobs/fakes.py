"""Workers and a disk for job tests, scripted by data."""

import math
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from vrbridge.errors import Overloaded, RequestError, Unavailable
from vrbridge.jobs.outputs import WorkOutput
from vrbridge.memory.asset_store import digest_of
from vrbridge.memory.result_cache import CachedAsset, CachedResult
from vrbridge.memory.shared_assets import Publication

T = TypeVar("T")

_MESH = "model/gltf-binary"


@dataclass(frozen=True)
class FakeOutput:
    """One output of a worker."""

    name: str
    header: Mapping[str, Any]
    payload: bytes | memoryview = b""


@dataclass(frozen=True)
class FakeWaiting:
    """An estimate."""

    position: int = 0
    eta_s: float | None = None
    load: float = 0.0


@dataclass
class FakeWorkers:
    """Answers every job with the same outputs, then with an error if one is set.

    What costs more than `room_s` is refused; `job_room_s` is what is left of it when the job comes.
    """

    outputs: Sequence[WorkOutput] = ()
    error: RequestError | None = None
    refuses: RequestError | None = None
    is_ready: bool = True
    room_s: float = math.inf
    job_room_s: float | None = None
    load: float = 0.0
    calls: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    weights: list[Callable[[], float]] = field(default_factory=list)
    n_left: int = 0

    def estimate(
        self,
        *,
        session: str,
        tier: int,
        cost_s: float,
        call: str | None = None,
        size: str = "",
        deadline: float | None = None,
        weight: Callable[[], float] = lambda: 0.0,
    ) -> FakeWaiting:
        """Return a fixed estimate, or refuse."""
        if self.refuses is not None:
            raise self.refuses
        _check_room(cost_s, self.room_s)
        return FakeWaiting(position=tier, eta_s=cost_s, load=self.load)

    @asynccontextmanager
    async def job(
        self,
        call: str,
        arguments: Mapping[str, Any],
        *,
        session: str,
        tier: int,
        cost_s: float,
        size: str = "",
        deadline: float | None = None,
        weight: Callable[[], float] = lambda: 0.0,
        failure: Callable[[], str | None] = lambda: None,
    ) -> AsyncIterator[AsyncIterator[FakeOutput]]:
        """Note the call and give the scripted outputs."""
        _check_room(cost_s, self.room_s if self.job_room_s is None else self.job_room_s)
        self.calls.append((call, arguments))
        self.weights.append(weight)
        try:
            yield self._outputs()
        finally:
            self.n_left += 1

    async def _outputs(self) -> AsyncIterator[FakeOutput]:
        for name, header, payload in self.outputs:
            yield FakeOutput(name, header, payload)
        if self.error is not None:
            raise self.error


def _check_room(cost_s: float, room_s: float) -> None:
    if cost_s > room_s:
        raise Overloaded("Too much.", retry_after_s=cost_s)


class DirectThreads:
    """Runs at once, on the caller's thread; or is too slow, if that is set."""

    def __init__(self) -> None:
        self.is_slow = False

    async def run(self, player: str, function: Callable[..., T], /, *arguments: object) -> T:
        """Return what the function returns."""
        if self.is_slow:
            raise Unavailable("Too slow.")
        return function(*arguments)

    async def run_patiently(self, player: str, function: Callable[..., T], /, *arguments: object) -> T:
        """Return what the function returns."""
        return function(*arguments)


class DirectDisk:
    """Runs at once, on the caller's thread."""

    async def run(self, function: Callable[..., T], /, *arguments: object) -> T:
        """Return what the function returns."""
        return function(*arguments)


class FakeShared:
    """What other servers have, in memory; implements `Shared`."""

    def __init__(self) -> None:
        self.results: dict[str, CachedResult] = {}
        self.objects: dict[str, tuple[str, bytes]] = {}
        self.discarded: list[str] = []
        self.published: list[Publication] = []
        self.n_looks = 0
        self.away: Unavailable | None = None

    async def find(self, key: str) -> CachedResult | None:
        """Return a result."""
        self.n_looks += 1
        return self.results.get(key)

    async def bodies(self, assets: Sequence[CachedAsset]) -> list[memoryview | None]:
        """Return bytes."""
        found = (self.objects.get(asset.digest) for asset in assets)
        return [None if item is None else memoryview(item[1]) for item in found]

    async def locate(self, digest: str) -> tuple[str, memoryview] | None:
        """Return media type and bytes."""
        if self.away is not None:
            raise self.away
        found = self.objects.get(digest)
        return None if found is None else (found[0], memoryview(found[1]))

    async def discard(self, digest: str, media_type: str) -> None:
        """Remove an asset."""
        self.discarded.append(digest)

    def publish(self, publication: Publication) -> None:
        """Share a result."""
        self.published.append(publication)

    async def forget(self, *, player: str, session: str | None) -> frozenset[str]:
        """Erase everything."""
        if self.away is not None:
            raise self.away
        gone, self.objects = frozenset(self.objects), {}
        return gone

    def has(self, key: str, *bodies: bytes, damaged: bool = False) -> list[str]:
        """Have a result with these meshes and return their digests."""
        digests = [digest_of(body) for body in bodies]
        for digest, body in zip(digests, bodies, strict=True):
            self.objects[digest] = _MESH, b"damaged" if damaged else body
        assets = (CachedAsset(f"lod{n}", _MESH, digest, {"faces": n}) for n, digest in enumerate(digests))
        self.results[key] = CachedResult(tuple(assets), {"seed": 1})
        return digests
