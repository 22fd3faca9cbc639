"""Whether to ask something that may be away."""

from vrbridge.scheduling.backoff import Backoff

_FIRST_S = 1.0
_LONGEST_S = 30.0


class Circuit:
    """Stops asking after a failure, for longer each time, and then lets one try.

    Args:
        first_s: Pause after the first failure.
        longest_s: No pause is longer.
    """

    def __init__(self, *, first_s: float = _FIRST_S, longest_s: float = _LONGEST_S) -> None:
        self._backoff = Backoff(first_s=first_s, longest_s=longest_s)
        self._pause_s = first_s
        self._next_try: float | None = None
        self._is_trying = False

    @property
    def is_open(self) -> bool:
        """Whether the last thing that was heard is a failure."""
        return self._next_try is not None

    def may_ask(self, now: float) -> bool:
        """Return whether to ask now; of those who come after a pause, only the first may."""
        if self._next_try is None:
            return True
        if now < self._next_try:
            return False
        self._next_try = now + self._pause_s
        self._is_trying = True
        return True

    def fail(self, now: float) -> None:
        """Note a failure."""
        # Those who asked at the same time fail together, which is one failure.
        if not self.is_open or self._is_trying:
            self._pause_s = self._backoff.fail()
            self._is_trying = False
        self._next_try = now + self._pause_s

    def succeed(self) -> None:
        """Note an answer."""
        self._next_try = None
        self._is_trying = False
        self._backoff.succeed()
