"""Notices a peer that takes nothing, and cuts it off."""

import asyncio
from collections.abc import Callable
from typing import Final

_LOOKS: Final = 4
"""How often a peer is looked at within the time that it is given."""
_SECOND_LOOK_S: Final = 0.25
"""What a peer took in the last moment has yet to be read."""


class StallWatch:
    """Looks at one connection while anything is on its way.

    Args:
        stall_s: How long a peer may take nothing.
        stalled_s: Returns for how long it has taken nothing, or None if nothing is on its way.
        abort: Called once if that is too long. Not a close: that would wait behind what is not taken.
    """

    def __init__(
        self, *, stall_s: float, stalled_s: Callable[[], float | None], abort: Callable[[], None]
    ) -> None:
        self._stall_s = stall_s
        self._stalled_s = stalled_s
        self._abort = abort
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0
        self._is_closed = False

    def start(self) -> None:
        """Look from now on, if that is not so already, until nothing is on its way any more."""
        if self._timer is None and not self._is_closed:
            self._later(self._stall_s / _LOOKS, self._look)

    def close(self) -> None:
        """Look no more."""
        self._is_closed = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _later(self, delay_s: float, look: Callable[[], None]) -> None:
        loop = asyncio.get_running_loop()
        self._due = loop.time() + delay_s
        self._timer = loop.call_later(delay_s, look)

    def _look(self) -> None:
        self._timer = None
        stalled_s = self._stalled_s()
        if stalled_s is None:
            return
        if stalled_s >= self._stall_s:
            self._later(self._second_look_s, self._decide)
        else:
            self._later(min(self._stall_s / _LOOKS, self._stall_s - stalled_s), self._look)

    @property
    def _second_look_s(self) -> float:
        """How long to wait before judging."""
        # Where this loop stood still, so may have the whole machine: the peer needs a while to go on, too.
        return max(_SECOND_LOOK_S, self._stall_s) if self._is_late else _SECOND_LOOK_S

    @property
    def _is_late(self) -> bool:
        """Whether the loop stood still when it was to look."""
        return asyncio.get_running_loop().time() - self._due >= _SECOND_LOOK_S

    def _decide(self) -> None:
        self._timer = None
        stalled_s = self._stalled_s()
        if stalled_s is None or stalled_s < self._stall_s:
            self.start()
        elif self._is_late:
            # It stood still once more, and has not read what the peer took meanwhile.
            self._later(self._second_look_s, self._decide)
        else:
            self.close()
            self._abort()
