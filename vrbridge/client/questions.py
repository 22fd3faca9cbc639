"""Answers to messages that belong to no request, awaited by key."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

Key = tuple[str, float | str]


class Questions:
    """Matches answers with whoever waits for them."""

    def __init__(self) -> None:
        self._waiting: dict[Key, list[asyncio.Future[float]]] = {}

    @contextmanager
    def ask(self, key: Key) -> Iterator[asyncio.Future[float]]:
        """Hand out a future for the next answer of this key."""
        waiting: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(key, []).append(waiting)
        try:
            yield waiting
        finally:
            waiting.cancel()

    def answer(self, key: Key, value: float) -> None:
        """Give the answer to the first who still waits for it; answers come in the order of the questions."""
        while queue := self._waiting.get(key):
            first = queue.pop(0)
            if not queue:
                del self._waiting[key]
            if not first.done():
                first.set_result(value)
                return

    def refuse(self, kind: str, error: Exception) -> bool:
        """Answer the first question of a kind with an error; return whether there was one."""
        for key, queue in self._waiting.items():
            if key[0] == kind and queue:
                first = queue.pop(0)
                if not queue:
                    del self._waiting[key]
                if not first.done():
                    first.set_exception(error)
                return True
        return False

    def fail(self, error: Exception) -> None:
        """Tell everybody that no answer will come."""
        for queue in self._waiting.values():
            for waiting in queue:
                if not waiting.done():
                    waiting.set_exception(error)
        self._waiting.clear()
