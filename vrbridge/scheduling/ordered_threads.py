"""Blocking functions, off the event loop, on several threads and yet in order where it matters."""

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from types import TracebackType
from typing import Self, TypeVar

from vrbridge.errors import Unavailable

T = TypeVar("T")

_RETRY_S = 1.0


class OrderedThreads:
    """Runs functions on a fixed number of threads; those of one key one by one, in the order of the calls.

    Args:
        n_threads: 1 makes it safe for things that take one caller at a time.
        name: What the threads are called.
        max_waiting: Calls that may wait for a thread; one more is refused.
        max_of_key: Calls of one key that may be unfinished; one more is refused.
        max_wait_s: How long `run` waits, for a thread and for the function. None: without end.
    """

    def __init__(
        self,
        n_threads: int = 1,
        *,
        name: str = "vrbridge",
        max_waiting: int = 4096,
        max_of_key: int = 64,
        max_wait_s: float | None = None,
    ) -> None:
        self._executor = ThreadPoolExecutor(n_threads, thread_name_prefix=name)
        self._max_calls = n_threads + max_waiting
        self._max_of_key = max_of_key
        self._max_wait_s = max_wait_s
        self._lock = threading.Lock()
        self._queues: dict[str, deque[Callable[[], None]]] = {}  # the first of each runs, or is about to
        self._n_calls = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def run(self, key: str, function: Callable[..., T], /, *arguments: object) -> T:
        """Return what the function returns, or raise what it raises.

        Cancelling is safe: a function that has not begun never runs, one that has begun runs to its end. The
        same holds for one that is waited for no longer.

        Raises:
            Unavailable: If it takes too long, too many calls wait, or the threads are closed.
        """
        patience = asyncio.timeout(self._max_wait_s)
        try:
            async with patience:
                return await self.run_patiently(key, function, *arguments)
        except TimeoutError as error:
            if not patience.expired():
                raise
            raise Unavailable(
                "The server's memory can't keep up; try again.", retry_after_s=_RETRY_S
            ) from error

    async def run_patiently(self, key: str, function: Callable[..., T], /, *arguments: object) -> T:
        """Do as `run` does, however long it takes.

        Raises:
            Unavailable: If too many calls wait, or the threads are closed.
        """
        return await asyncio.wrap_future(self._submit(key, partial(function, *arguments)))

    async def close(self) -> None:
        """Let what was asked for finish, then end the threads."""
        await asyncio.get_running_loop().run_in_executor(None, self._executor.shutdown)

    def _submit(self, key: str, function: Callable[[], T]) -> Future[T]:
        future: Future[T] = Future()
        with self._lock:
            if self._n_calls >= self._max_calls or len(self._queues.get(key, ())) >= self._max_of_key:
                raise Unavailable("The server's memory can't keep up; try again.", retry_after_s=_RETRY_S)
            if key not in self._queues:
                try:
                    self._executor.submit(self._work, key)
                except RuntimeError as error:
                    raise Unavailable("The server is stopping.") from error
            self._queues.setdefault(key, deque()).append(partial(_carry_out, future, function))
            self._n_calls += 1
        return future

    def _work(self, key: str) -> None:
        """Make the first call of a key, and the next one made behind others' that wait already."""
        while True:
            with self._lock:
                call = self._queues[key][0]
            call()
            with self._lock:
                self._n_calls -= 1
                self._queues[key].popleft()
                if not self._queues[key]:
                    del self._queues[key]
                    return
                try:
                    self._executor.submit(self._work, key)
                except RuntimeError:
                    # The threads are being closed: what was asked for before is still done, here.
                    continue
                return


def _carry_out(future: Future[T], function: Callable[[], T]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        result = function()
    except BaseException as error:  # noqa: BLE001 - whoever waits is told, whatever it is
        future.set_exception(error)
    else:
        future.set_result(result)
