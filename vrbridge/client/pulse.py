"""Whether the other end of a connection still lives, judged at regular ticks."""

from typing import Final, Literal

Verdict = Literal["alive", "ask", "dead"]

MAX_BAD_TICKS: Final = 3
"""Ticks in a row without a sign of life, or without anything taken, after which a connection is dead."""


class Pulse:
    """Notices an end that says nothing, and one that takes nothing.

    Ticks are counted and not seconds: after a pause of this program, or of the whole machine, what arrived
    meanwhile has yet to be read.
    """

    def __init__(self) -> None:
        self._n_received_bytes = 0
        self._n_silent = 0
        self._n_sent = 0
        self._unsent_bytes = 0
        self._n_stalled = 0

    def tick(self, *, n_received_bytes: int, n_sent: int, unsent_bytes: int) -> Verdict:
        """Judge by what happened since the last tick.

        Args:
            n_received_bytes: All that have arrived.
            n_sent: Messages that were sent entirely.
            unsent_bytes: What waits for the system to take it.

        Returns:
            `ask` for a sign of life after a tick without one.
        """
        self._n_silent = self._n_silent + 1 if n_received_bytes == self._n_received_bytes else 0
        is_stalled = n_sent == self._n_sent and 0 < self._unsent_bytes <= unsent_bytes
        self._n_stalled = self._n_stalled + 1 if is_stalled else 0
        self._n_received_bytes, self._n_sent, self._unsent_bytes = n_received_bytes, n_sent, unsent_bytes
        if max(self._n_silent, self._n_stalled) >= MAX_BAD_TICKS:
            return "dead"
        return "ask" if self._n_silent else "alive"
