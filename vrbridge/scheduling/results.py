"""What one job makes, on its way from the worker to whoever asked."""

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from vrbridge.errors import RequestError

MAX_RESULTS = 8
MAX_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class Result:
    """One output of a job.

    Args:
        name: What it is, such as `asset`.
        header: Small values.
        payload: Large bytes.
    """

    name: str
    header: Mapping[str, Any]
    payload: bytes | memoryview


class Results:
    """A bounded queue with an end: one producer, one consumer.

    Args:
        max_results: Outputs that may wait.
        max_bytes: Payload that may wait; a single larger output is let through.
    """

    def __init__(self, *, max_results: int = MAX_RESULTS, max_bytes: int = MAX_BYTES) -> None:
        self._max_results = max_results
        self._max_bytes = max_bytes
        self._waiting: deque[Result] = deque()
        self._n_bytes = 0
        self._is_ended = False
        self._is_closed = False
        self._error: RequestError | None = None
        self._changed = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()

    @property
    def error(self) -> RequestError | None:
        """What ended it, or None if it goes on or ended well."""
        return self._error

    async def put(self, result: Result) -> None:
        """Hand an output over, once there is room; it is dropped if nobody wants it any more."""
        await self._room.wait()
        if self._is_ended or self._is_closed:
            return
        self._waiting.append(result)
        self._n_bytes += len(result.payload)
        self._update()

    def end(self, error: RequestError | None = None) -> None:
        """Say that nothing more comes; the first call counts.

        Args:
            error: Raised to the consumer after the outputs that already wait.
        """
        if not self._is_ended:
            self._is_ended = True
            self._error = error
            self._update()

    def close(self) -> None:
        """Say that nobody wants the rest: what waits is dropped, and a producer that waits goes on."""
        self._is_closed = True
        self._waiting.clear()
        self._n_bytes = 0
        self._update()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Result:
        while not self._waiting:
            if self._error is not None:
                raise self._error
            if self._is_ended or self._is_closed:
                raise StopAsyncIteration
            self._changed.clear()
            await self._changed.wait()
        result = self._waiting.popleft()
        self._n_bytes -= len(result.payload)
        self._update()
        return result

    def _update(self) -> None:
        self._changed.set()
        has_room = len(self._waiting) < self._max_results and self._n_bytes < self._max_bytes
        if has_room or self._is_ended or self._is_closed:
            self._room.set()
        else:
            self._room.clear()
