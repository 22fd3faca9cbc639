"""A bucket in memory, whose clock and answers are scripted."""

import asyncio
from collections.abc import Callable, Generator

from vrbridge.errors import BucketAway

NOW = 2e9


class _Step:
    """Lets somebody else go on."""

    def __await__(self) -> Generator[None, None, None]:
        yield


class MemoryBucket:
    """Objects in memory; each call is one step, of which any number can be lost; implements `Objects`.

    Args:
        clock: Seconds since 1970, by the bucket. None: what `now` is.
    """

    def __init__(self, clock: Callable[[], float] | None = None) -> None:
        self.objects: dict[str, tuple[bytes, float]] = {}
        self.now = NOW
        self.n_steps_left: float = float("inf")
        self._clock = clock or (lambda: self.now)
        self._stalled = ""
        self._goes_on = asyncio.Event()
        self.is_stalled = asyncio.Event()
        self.n_stalled = 0

    async def read(self, key: str) -> memoryview | None:
        """Return an object."""
        await self._step(key)
        return memoryview(self.objects[key][0]) if key in self.objects else None

    async def has(self, key: str) -> bool:
        """Return whether there is one."""
        await self._step(key)
        return key in self.objects

    async def write(self, key: str, data: bytes | memoryview) -> None:
        """Put one in place."""
        await self._step(key)
        self.objects[key] = bytes(data), self._clock()

    async def remove(self, key: str) -> None:
        """Remove one."""
        await self._step(key)
        self.objects.pop(key, None)

    async def keys(self, folder: str) -> list[str]:
        """Return those in a folder."""
        return [key for key, _ in await self.times(folder)]

    async def times(self, folder: str) -> list[tuple[str, float]]:
        """Return those in a folder, with their times."""
        await self._step(folder)
        return [(k, at) for k, (_, at) in sorted(self.objects.items()) if k.startswith(f"{folder}/")]

    async def first(self, folder: str) -> str | None:
        """Return one of a folder."""
        return next(iter(await self.keys(folder)), None)

    def stall(self, folder: str) -> None:
        """Answer nothing that is asked of a folder."""
        self._stalled = folder
        self._goes_on.clear()
        self.is_stalled.clear()
        self.n_stalled = 0

    def go_on(self) -> None:
        """Answer everything again."""
        self._stalled = ""
        self._goes_on.set()

    def age(self, folder: str, by_s: float) -> None:
        """Have objects been written earlier."""
        for key, (content, at) in self.objects.items():
            if key.startswith(f"{folder}/"):
                self.objects[key] = content, at - by_s

    def has_bytes(self, data: bytes) -> bool:
        """Return whether an asset lies there."""
        return any(content == data for key, (content, _) in self.objects.items() if key.startswith("assets/"))

    def left(self) -> set[str]:
        """Return what is there besides the notices of who was forgotten."""
        return {key for key in self.objects if not key.startswith(("forgotten/", "notices/"))}

    async def _step(self, key: str) -> None:
        await _Step()
        if self._stalled and key.startswith(self._stalled):
            self.n_stalled += 1
            self.is_stalled.set()
            await self._goes_on.wait()
        if self.n_steps_left <= 0:
            raise BucketAway("it does not answer")
        self.n_steps_left -= 1
