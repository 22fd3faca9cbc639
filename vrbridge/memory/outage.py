"""When a server that does not answer is left alone, and when it is asked again."""


class Outage:
    """Decides whether a call is worth making; the time is passed in.

    Args:
        rest_s: How long nobody asks after a failure; then one call tries it.
        try_s: How long that call may take before another one tries.
        max_slow: So many calls in a row that took too long are an outage, too.
    """

    def __init__(self, *, rest_s: float, try_s: float, max_slow: int) -> None:
        self._rest_s = rest_s
        self._try_s = try_s
        self._max_slow = max_slow
        self._n_slow = 0
        self._rests_until: float | None = None

    @property
    def is_on(self) -> bool:
        """Whether the latest that was heard of the server is that it is away."""
        return self._rests_until is not None

    def may_ask(self, now: float) -> bool:
        """Return whether a call may be made; during an outage one at a time may."""
        if self._rests_until is None:
            return True
        if now < self._rests_until:
            return False
        self._rests_until = now + self._try_s
        return True

    def answered(self) -> bool:
        """Note that the server answered; return whether that ends an outage."""
        was_on = self.is_on
        self._rests_until = None
        self._n_slow = 0
        return was_on

    def lost(self, now: float) -> bool:
        """Note that the server could not be reached; return whether an outage begins."""
        begins = not self.is_on
        self._rests_until = now + self._rest_s
        return begins

    def slow(self, now: float) -> bool:
        """Note that a call took too long; return whether an outage begins."""
        self._n_slow += 1
        return (self.is_on or self._n_slow >= self._max_slow) and self.lost(now)
