"""Things on their way to somewhere that may be away for a while."""

import asyncio
import logging
import random
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Generic, Protocol, Self, TypeVar

from vrbridge.errors import Unavailable
from vrbridge.scheduling.backoff import Backoff

_log = logging.getLogger(__name__)


class Sized(Protocol):
    """Something to deliver."""

    @property
    def n_bytes(self) -> int:
        """How much memory it holds while it waits."""
        ...


T = TypeVar("T", bound=Sized)


@dataclass(eq=False)
class _Parcel(Generic[T]):
    """One thing, from its acceptance to its end."""

    item: T
    is_withdrawn: bool = False
    is_at_rest: asyncio.Event = field(default_factory=asyncio.Event)


class Deliveries(Generic[T]):
    """Delivers in the background, a few at once, each again and again until it succeeds; a context manager.

    What fails goes behind the rest, so that one bad thing holds up no other. Leaving the context finishes
    what is accepted, for a bounded time.

    Args:
        deliver: Gets a thing, and what tells whether it was withdrawn; raises Unavailable to be called again.
        name: What the tasks are called.
        max_bytes: Of all things accepted and not delivered; one more is refused.
        max_items: Likewise.
        at_once: How many are delivered at a time.
        attempt_s: An attempt that takes longer counts as failed.
        flush_s: How long leaving may take.
        new_backoff: Makes what tells how long a failure pauses; one for each of those at once.
        on_ended: Called with `done`, `failed` or `lost` after each attempt, and for what leaving gives up.
    """

    def __init__(
        self,
        deliver: Callable[[T, Callable[[], bool]], Awaitable[None]],
        *,
        name: str,
        max_bytes: int,
        max_items: int,
        at_once: int,
        attempt_s: float,
        flush_s: float,
        new_backoff: Callable[[], Backoff] = Backoff,
        on_ended: Callable[[str], None] = lambda outcome: None,
    ) -> None:
        self._deliver = deliver
        self._name = name
        self._max_bytes = max_bytes
        self._max_items = max_items
        self._at_once = at_once
        self._attempt_s = attempt_s
        self._flush_s = flush_s
        self._new_backoff = new_backoff
        self._on_ended = on_ended
        self._waiting: deque[_Parcel[T]] = deque()
        self._running: set[_Parcel[T]] = set()
        self._n_bytes = 0
        self._something = asyncio.Event()
        self._closing = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def n_bytes(self) -> int:
        """Of all that is accepted and not delivered."""
        return self._n_bytes

    async def __aenter__(self) -> Self:
        self._tasks = [
            asyncio.create_task(self._work(), name=f"{self._name} {number}")
            for number in range(self._at_once)
        ]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._something.set()
        _, late = await asyncio.wait(self._tasks, timeout=self._flush_s)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late)
        for _ in (*self._waiting, *self._running):
            self._on_ended("lost")

    def offer(self, item: T) -> bool:
        """Accept a thing, or return False if too much waits already; never waits."""
        is_full = len(self._waiting) + len(self._running) >= self._max_items
        if self._closing.is_set() or is_full or self._n_bytes + item.n_bytes > self._max_bytes:
            self._on_ended("lost")
            return False
        self._n_bytes += item.n_bytes
        self._put(_Parcel(item))
        return True

    async def withdraw(self, is_it: Callable[[T], bool]) -> None:
        """Let go of what fits, and return once none of it is being delivered any more."""
        for parcel in [parcel for parcel in self._waiting if is_it(parcel.item)]:
            self._waiting.remove(parcel)
            self._n_bytes -= parcel.item.n_bytes
        running = [parcel for parcel in self._running if is_it(parcel.item)]
        for parcel in running:
            parcel.is_withdrawn = True
        for parcel in running:
            await parcel.is_at_rest.wait()

    async def _work(self) -> None:
        backoff = self._new_backoff()
        while (parcel := await self._next()) is not None:
            if await self._attempt(parcel):
                backoff.succeed()
                continue
            if self._closing.is_set():
                return
            with suppress(TimeoutError):
                # All at the same time would be a burst for somewhere that has just come back.
                async with asyncio.timeout(backoff.fail() * random.uniform(0.5, 1.0)):  # noqa: S311 - no secret
                    await self._closing.wait()

    async def _next(self) -> _Parcel[T] | None:
        while not self._waiting:
            if self._closing.is_set():
                return None
            self._something.clear()
            await self._something.wait()
        return self._waiting.popleft()

    async def _attempt(self, parcel: _Parcel[T]) -> bool:
        """Return whether it is away for good."""
        self._running.add(parcel)
        try:
            async with asyncio.timeout(self._attempt_s):
                await self._deliver(parcel.item, lambda: parcel.is_withdrawn)
            outcome = "done"
        except (Unavailable, TimeoutError):
            outcome = "failed"
        except Exception:  # noqa: BLE001 - logged, and the owner of the tasks has to outlive it
            # A fault of ours would happen again each time.
            _log.exception("%s: a delivery failed for good", self._name)
            outcome = "lost"
        finally:
            parcel.is_at_rest.set()
        self._running.discard(parcel)
        self._on_ended(outcome)
        if outcome == "failed" and not parcel.is_withdrawn:
            self._put(_Parcel(parcel.item))
        else:
            self._n_bytes -= parcel.item.n_bytes
        return outcome != "failed"

    def _put(self, parcel: _Parcel[T]) -> None:
        self._waiting.append(parcel)
        self._something.set()
