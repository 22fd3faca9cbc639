"""The client for programs without an event loop: it runs one in a thread of its own."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Any, Self, TypeVar

from vrbridge.client.client import Client
from vrbridge.client.events import DialogueEvent
from vrbridge.client.results import Material, Mesh

_Result = TypeVar("_Result")


class BlockingClient:
    """A `Client` whose calls wait; a context manager, for one thread at a time.

    Args:
        url: Such as `ws://127.0.0.1:8765/ws`.
        options: As `Client.connect` takes them.

    Raises:
        CannotConnect: On entering, if nothing answers or the server refuses.
    """

    def __init__(self, url: str, **options: Any) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="vrbridge client", daemon=True)
        self._opening: AbstractAsyncContextManager[Client] = Client.connect(url, **options)
        self._client: Client | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        try:
            self._client = self._wait(self._opening.__aenter__())
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._wait(self._opening.__aexit__(kind, error, trace))
        finally:
            self._stop()

    @property
    def client(self) -> Client:
        """The client underneath; its methods belong to the other thread.

        Raises:
            RuntimeError: Outside the `with` block.
        """
        if self._client is None:
            raise RuntimeError("Use BlockingClient in a `with` block.")
        return self._client

    def dialogue(self, npc: str, text: str, **options: Any) -> Iterator[DialogueEvent]:
        """Yield an answer as it is spoken; see `Client.dialogue`."""
        events = self.client.dialogue(npc, text, **options)

        async def following() -> DialogueEvent | None:
            return await anext(events, None)

        try:
            while (event := self._wait(following())) is not None:
                yield event
        finally:
            self._wait(events.aclose())

    def texture(self, prompt: str, **options: Any) -> Material:
        """Return a material; see `Client.texture`."""
        return self._wait(self.client.texture(prompt, **options))

    def material(self, image: bytes, **options: Any) -> Material:
        """Return a picture as a material; see `Client.material`."""
        return self._wait(self.client.material(image, **options))

    def mesh(self, prompt: str, **options: Any) -> Mesh:
        """Return a thing to place; see `Client.mesh`."""
        return self._wait(self.client.mesh(prompt, **options))

    def update_context(self, **context: Any) -> None:
        """Say where the player is; see `Client.update_context`."""
        client = self.client
        self._loop.call_soon_threadsafe(lambda: client.update_context(**context))

    def ping(self) -> float:
        """Return the seconds of one round trip."""
        return self._wait(self.client.ping())

    def _wait(self, work: Coroutine[Any, Any, _Result]) -> _Result:
        waiting = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return waiting.result()
        except BaseException:
            # Control-C in the waiting thread must also stop the work.
            waiting.cancel()
            raise

    def _stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._client = None
