"""Awaiting a function for many things, a few at once."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

T = TypeVar("T")
U = TypeVar("U")

AT_ONCE = 16


async def spread(
    function: Callable[[T], Awaitable[U]], items: Iterable[T], /, *, at_once: int = AT_ONCE
) -> list[U]:
    """Return the results in the order of the items.

    The first error ends the rest and is raised; cancelling ends all.
    """
    turns = asyncio.Semaphore(at_once)

    async def one(item: T) -> U:
        async with turns:
            return await function(item)

    tasks = [asyncio.ensure_future(one(item)) for item in items]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
