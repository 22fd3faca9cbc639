"""Waiting for what only shows in somebody's state."""

import asyncio
from collections.abc import Callable

_LOOK_S = 0.01


async def until(is_so: Callable[[], object], *, within_s: float = 60.0, what: str = "it") -> float:
    """Return the seconds after which something is so.

    Raises:
        AssertionError: If it does not become so in time.
    """
    loop = asyncio.get_running_loop()
    started = loop.time()
    # What is looked at here belongs to a server that has no event for it, or to another process.
    while not is_so():
        assert loop.time() < started + within_s, f"{what} did not happen in {within_s} s"
        await asyncio.sleep(_LOOK_S)
    return loop.time() - started
