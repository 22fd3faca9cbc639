"""A scene that asks, listens and checks every byte while others misbehave."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from tests.integration.scene import RawScene, scene

_WALL: Final = {
    "prompt": "mossy stone",
    "size_px": 256,
    "seed": 7,
    "maps": ["base_color", "normal", "height"],
}
_ROLES: Final = ("preview", "base_color", "normal", "height")
_PATIENCE_S = 120


class Healthy:
    """Asks for the same material again and again, and gets the same bytes.

    `RawScene` sees to it that no `seq` and no byte is lost, repeated or out of order.

    Args:
        raw: Its connection.
    """

    def __init__(self, raw: RawScene) -> None:
        self._raw = raw
        self._digests: dict[str, str] = {}
        self._rounds = asyncio.Condition()
        self._n_begun = 0
        self._n_ended = 0

    async def run(self) -> None:
        """Ask until cancelled."""
        while True:
            self._n_begun += 1
            await self._ask(self._n_begun)
            async with self._rounds:
                self._n_ended += 1
                self._rounds.notify_all()

    async def goes_on(self) -> None:
        """Return once a round that begins from now on has ended well."""
        async with asyncio.timeout(_PATIENCE_S), self._rounds:
            goal = self._n_begun + 1
            await self._rounds.wait_for(lambda: self._n_ended >= goal)

    async def _ask(self, id: int) -> None:
        raw = self._raw
        await raw.request(id, "texture", _WALL, slot="wall", anchor={"object": id})
        await raw.send({"type": "ping", "t": id + 0.5})
        assert (await raw.end(id))["type"] == "done"
        await raw.until(lambda message: message["type"] == "pong" and message["t"] == id + 0.5)
        types = [message["type"] for message in raw.of(id) if message["type"] != "progress"]
        assert types == ["accepted", *["asset"] * len(_ROLES), "done"]
        assert raw.of(id, "accepted")[0]["anchor"] == {"object": id}
        for role in _ROLES:
            digest = hashlib.sha256(raw.body(role, id)).hexdigest()
            assert self._digests.setdefault(role, digest) == digest
        # Everything of this round is checked; what others sent would be left over here.
        strange = [m for m in raw.messages if m.get("id") not in (None, id) or m["type"] == "error"]
        assert not strange, strange
        raw.messages.clear()
        raw.bodies.clear()


@asynccontextmanager
async def healthy(url: str) -> AsyncIterator[Healthy]:
    """Hand out a scene that is in the middle of its first round."""
    async with scene(url, client={"name": "healthy", "device": "healthy"}) as raw:
        well = Healthy(raw)
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(well.run(), name="healthy scene")
            await raw.until(lambda message: message["type"] == "accepted")
            yield well
            running.cancel()
