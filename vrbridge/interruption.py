"""Where long work looks whether anybody still wants it."""

from collections.abc import Callable


class Interrupted(BaseException):
    """Unwinds work that nobody wants any more; no `Exception`, so that nothing takes it for a fault."""


_is_unwanted: Callable[[], bool] | None = None


def watch(is_unwanted: Callable[[], bool] | None) -> None:
    """Say who knows whether the work of this process is still wanted; it has one piece of work at a time.

    Args:
        is_unwanted: Asked at each step; quick. None: everything is wanted.
    """
    global _is_unwanted
    _is_unwanted = is_unwanted


def step() -> None:
    """Go on if the work is wanted; called where it may end: nothing is half kept there, and no lock is held.

    Long work calls it every few tens of milliseconds.

    Raises:
        Interrupted: If it is not.
    """
    if _is_unwanted is not None and _is_unwanted():
        raise Interrupted
