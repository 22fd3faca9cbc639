"""What runs on a Ray cluster: one replica carries out one job at a time."""

import asyncio
import logging
import os
import threading
from collections.abc import AsyncGenerator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from vrbridge.scheduling.execution import Packed, carried_out_together
from vrbridge.scheduling.frames import PREFIX, Run, to_worker
from vrbridge.scheduling.worker import NICENESS, loaded

Piece = tuple[bytes, "np.ndarray[Any, Any] | None"]
"""A packed message and its payload, as (N,) uint8: Ray hands arrays over without copying them. None: none."""

_log = logging.getLogger(__name__)

BEGUN: Piece = (b"", None)
"""What a replica says first: from then on, silence means that it hangs."""


class Replica:
    """Keeps generators loaded, and carries out jobs for whichever gateway asks.

    Args:
        factory: `package.module:function`; called with `config`, returns call → handler.
        config: Plain data for the factory.
        hang_s: A job that yields nothing for so long is taken for hung, and the replica ends itself.
    """

    def __init__(self, factory: str, config: dict[str, Any], hang_s: float) -> None:
        self._hang_s = hang_s
        # One thread for good: the generators' libraries keep state by thread, and jobs take turns.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="work")
        self._handlers = loaded(factory, config)
        os.nice(NICENESS)

    async def carry_out(self, frame: bytes) -> AsyncGenerator[Piece, None]:
        """Yield `BEGUN`, what jobs make, and how each ended; cancelling it stops them at their next step.

        Args:
            frame: A packed `Run`, or `Together` and as many of them.
        """
        runs = unpacked(frame)
        yield BEGUN
        stopped = threading.Event()
        pieces = carried_out_together(runs, self._handlers, is_stopped=lambda _: stopped.is_set())
        try:
            while (piece := await self._next(pieces)) is not None:
                message, payload = piece
                yield message, np.frombuffer(payload, np.uint8) if payload.nbytes else None
        finally:
            stopped.set()
            # On its own thread, after the step that it may be in.
            self._thread.submit(_close, pieces)

    async def _next(self, pieces: Iterator[Packed]) -> Packed | None:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._step, pieces)

    def _step(self, pieces: Iterator[Packed]) -> Packed | None:
        # Ends a process whose thread no longer listens to anybody; Ray starts another replica in its place.
        alarm = threading.Timer(self._hang_s, _give_up, (self._hang_s,))
        alarm.daemon = True
        alarm.start()
        try:
            return next(pieces, None)
        finally:
            alarm.cancel()


def unpacked(frame: bytes) -> list[Run]:
    """Return the jobs of a packed `Run`, or of `Together` and what follows it."""
    runs: list[Run] = []
    place = 0
    while place < len(frame):
        (n_bytes,) = PREFIX.unpack_from(frame, place)
        place += PREFIX.size
        message = to_worker.decode(frame[place : place + n_bytes])
        place += n_bytes
        if isinstance(message, Run):
            runs.append(message)
    return runs


def _give_up(hang_s: float) -> None:
    _log.error("a job said nothing for %g s; this replica ends", hang_s)
    os._exit(1)


def _close(pieces: Any) -> None:
    pieces.close()
