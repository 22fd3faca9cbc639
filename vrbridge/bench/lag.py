"""How late an event loop is, finely enough for a percentile of a second."""

import asyncio
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, NamedTuple

LOOK_EVERY_S: Final = 0.01
_MAX_BYTES: Final = 256


class Lag(NamedTuple):
    """How late an event loop once was.

    Args:
        at: When, on the clock of `time.monotonic`.
        late_s: Seconds.
        own_s: The part of them in which its thread did not wait for a core. None: not known.
    """

    at: float
    late_s: float
    own_s: float | None


class LagMeter:
    """Asks an event loop for a moment a hundred times a second, and notes how much later it came.

    It belongs to the main thread.

    Args:
        note: Called with each lag.
    """

    def __init__(self, note: Callable[[Lag], None]) -> None:
        self._note = note

    async def run(self) -> None:
        """Measure until cancelled."""
        with _waited_s() as waited_s:
            while True:
                due, waited = time.monotonic() + LOOK_EVERY_S, waited_s()
                await asyncio.sleep(LOOK_EVERY_S)
                now = time.monotonic()
                late_s = max(0.0, now - due)
                own_s = None if waited is None else max(0.0, late_s - ((waited_s() or waited) - waited))
                self._note(Lag(now, late_s, own_s))


@contextmanager
def _waited_s() -> Iterator[Callable[[], float | None]]:
    """Hand out what tells how long this process's main thread has waited for a core so far."""
    try:
        descriptor = os.open("/proc/self/schedstat", os.O_RDONLY)
    except OSError:  # not on every system
        yield lambda: None
        return
    try:
        yield lambda: int(os.pread(descriptor, _MAX_BYTES, 0).split()[1]) / 1e9
    finally:
        os.close(descriptor)
