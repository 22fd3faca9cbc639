"""How long to wait before the next attempt to connect."""

from collections.abc import Callable

BASE_S = 0.25
MAX_S = 20.0
# Beyond this the bound has long been reached; it keeps the power from overflowing.
_MAX_DOUBLINGS = 16


def backoff_s(attempt: int, random: Callable[[], float]) -> float:
    """Return the seconds to wait, with full jitter so that a thousand clients don't return at once.

    Args:
        attempt: Failures so far, 0 for the first wait.
        random: Gives a number in [0, 1).
    """
    return random() * min(MAX_S, BASE_S * 2.0 ** min(attempt, _MAX_DOUBLINGS))
