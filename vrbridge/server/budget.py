"""How many messages a client may send."""

_BURST_S = 2.0
_MAX_EARNED = 8192
UNIT_BYTES = 2048
"""A message that is longer counts more than once: it may hold values that take some milliseconds to read."""
_MAX_UNITS = 64
"""Of one message, however long, because what is long is mostly bytes that take no time."""


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

    def spend(self, n_bytes: int = 0, *, now: float) -> bool:
        """Count a message of the client; return False if it is one too many."""
        full = self._rate_hz * _BURST_S
        self._left = min(full, self._left + (now - self._updated) * self._rate_hz)
        self._updated = now
        n_units = min(_MAX_UNITS, 1 + n_bytes // UNIT_BYTES)
        if self._earned:
            self._earned -= 1
            n_units -= 1
        if self._left < n_units:
            return False
        self._left -= n_units
        return True
