"""Work on a graphics card that leaves a game its frames."""

from collections.abc import Callable

SLICE_S = 0.002
"""Work on the card between two rests: a fifth of a frame of a headset at 90 Hz."""


class Pacer:
    """Lets a card rest after every few milliseconds of work; called at each step of the work.

    A step that takes longer than a slice is followed by one rest.

    Args:
        wait: Returns once the card has done what was asked of it.
        rest_s: Of each rest.
        clock: Seconds.
        sleep: Waits for so many seconds.
    """

    def __init__(
        self,
        wait: Callable[[], None],
        rest_s: float,
        *,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
    ) -> None:
        self._wait = wait
        self._rest_s = rest_s
        self._clock = clock
        self._sleep = sleep
        self._busy_s = 0.0

    def __call__(self) -> None:
        """Wait for the card, and leave it alone if it was busy for long enough."""
        began = self._clock()
        self._wait()
        # What the CPU does between two steps costs the card nothing, and is not counted.
        self._busy_s += self._clock() - began
        if self._busy_s >= SLICE_S:
            self._busy_s = 0.0
            self._sleep(self._rest_s)
