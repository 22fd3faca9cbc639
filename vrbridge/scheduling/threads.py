"""Blocking functions, off the event loop: disk writes and SQLite."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self, TypeVar

from vrbridge.errors import Unavailable

T = TypeVar("T")


class Threads:
    """Runs functions on a fixed number of threads, in the order of the calls.

    Args:
        n_threads: 1 makes it safe for things that take one caller at a time.
        name: What the threads are called.
        max_waiting: Calls that may wait for a thread; one more is refused.
    """

    def __init__(self, n_threads: int = 1, *, name: str = "vrbridge", max_waiting: int = 4096) -> None:
        self._executor = ThreadPoolExecutor(n_threads, thread_name_prefix=name)
        self._max_calls = n_threads + max_waiting
        self._n_calls = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def run(self, function: Callable[..., T], /, *arguments: object) -> T:
        """Return what the function returns, or raise what it raises.

        Cancelling is safe: a function that has not begun never runs, one that has begun runs to its end.

        Raises:
            Unavailable: If too many calls wait, or the threads are closed.
        """
        if self._n_calls >= self._max_calls:
            raise Unavailable("The server's disk can't keep up; try again later.", retry_after_s=1.0)
        try:
            future = self._executor.submit(function, *arguments)
        except RuntimeError as error:
            raise Unavailable("The server is stopping.") from error
        self._n_calls += 1
        loop = asyncio.get_running_loop()
        future.add_done_callback(lambda done: self._count_down(loop, done))
        return await asyncio.wrap_future(future, loop=loop)

    async def close(self) -> None:
        """Let what was asked for finish, then end the threads."""
        await asyncio.get_running_loop().run_in_executor(None, self._executor.shutdown)

    def _count_down(self, loop: asyncio.AbstractEventLoop, _: Future[T]) -> None:
        # Called on the thread that ran the function, or on the loop's if it was cancelled.
        if not loop.is_closed():
            loop.call_soon_threadsafe(self._count)

    def _count(self) -> None:
        self._n_calls -= 1
