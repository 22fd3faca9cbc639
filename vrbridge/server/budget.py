"""How many messages a client may send."""

_BURST_S = 2.0
_MAX_EARNED = 8192


class MessageBudget:
    """Allows a rate, and one answer for each message that went to the client.

    Credit and acknowledgements answer what the server sends, so that a fast download doesn't look like
    a flood.

    Args:
        rate_hz: Messages a second, averaged over two seconds.
        now: Seconds on a monotonic clock.
    """

    def __init__(self, *, rate_hz: float, now: float) -> None:
        self._rate_hz = rate_hz
        self._left = rate_hz * _BURST_S
        self._earned = 0
        self._updated = now

    def earn(self) -> None:
        """Count a message that was sent to the client."""
        self._earned = min(_MAX_EARNED, self._earned + 1)

    def spend(self, *, now: float) -> bool:
        """Count a message of the client; return False if it is one too many."""
        full = self._rate_hz * _BURST_S
        self._left = min(full, self._left + (now - self._updated) * self._rate_hz)
        self._updated = now
        if self._earned:
            self._earned -= 1
            return True
        if self._left < 1:
            return False
        self._left -= 1
        return True
