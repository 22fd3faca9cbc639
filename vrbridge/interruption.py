"""Where long work looks whether anybody still wants it, and lets others have the device in between."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Interrupted(BaseException):
    """Unwinds work that nobody wants any more; no `Exception`, so that nothing takes it for a fault."""


_is_unwanted: Callable[[], bool] | None = None
_rest: Callable[[], None] | None = None


def watch(is_unwanted: Callable[[], bool] | None) -> None:
    """Say who knows whether the work of this process is still wanted; it has one piece of work at a time.

    Args:
        is_unwanted: Asked at each step; quick. None: everything is wanted.
    """
    global _is_unwanted
    _is_unwanted = is_unwanted


@contextmanager
def watching(is_unwanted: Callable[[], bool]) -> Iterator[None]:
    """Within it, also end what is unwanted as a part of the work that is watched already."""
    whole = _is_unwanted
    watch(lambda: is_unwanted() or (whole is not None and whole()))
    try:
        yield
    finally:
        watch(whole)


def pace(rest: Callable[[], None] | None) -> None:
    """Say what the work of this process does at each step so that others are not held up.

    Args:
        rest: Called at each step of work that is wanted. None: nothing.
    """
    global _rest
    _rest = rest


def in_steps(n: int, n_at_once: int) -> Iterator[slice]:
    """Yield the parts of a range one after the other, with a step before each.

    Args:
        n: Length of the range.
        n_at_once: At most so many in a part; parts are about equally long.
    """
    n_parts = -(-n // max(1, n_at_once))
    for number in range(n_parts):
        step()
        yield slice(n * number // n_parts, n * (number + 1) // n_parts)


def step() -> None:
    """Go on if the work is wanted; called where it may end: nothing is half kept there, and no lock is held.

    Long work calls it every few tens of milliseconds.

    Raises:
        Interrupted: If it is not.
    """
    if _is_unwanted is not None and _is_unwanted():
        raise Interrupted
    if _rest is not None:
        _rest()
