"""One streamed answer of a chat endpoint."""

from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Self

import msgspec

from vrbridge.errors import GeneratorFailed
from vrbridge.generators.language.completion import Chunk, ToolCall, ToolDelta, decode_chunk
from vrbridge.generators.language.sse import EventLines

_DONE = b"[DONE]"
_MAX_TOOL_CALLS = 16
# More than any model answers; a count beyond it is a mistake of the endpoint.
_MAX_TOKENS = 1 << 31


class FellSilent(GeneratorFailed):
    """The endpoint says nothing any more, and does not hang up either."""


class Reply:
    """Iterates over the pieces of text; what else was said is known at the end.

    Args:
        source: Bytes as they arrive.
        token_timeout_s: Longest time without an event. Comments, which keep connections open, don't count.
        clock: Monotonic seconds.
    """

    def __init__(
        self, source: AsyncIterator[bytes], *, token_timeout_s: float, clock: Callable[[], float]
    ) -> None:
        self._source = source
        self._token_timeout_s = token_timeout_s
        self._clock = clock
        self._last_event = clock()
        self._lines = EventLines()
        self._texts: deque[str] = deque()
        self._calls: dict[int, ToolCall] = {}
        self._n_pieces = 0
        self._n_counted: int | None = None
        self._finish: str | None = None
        self._is_done = False

    @property
    def finish(self) -> str:
        """Why it ended: `stop`, `length`, `tool_calls`; `stop` while it is unknown."""
        return self._finish or "stop"

    @property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        """Called functions, in order."""
        return tuple(self._calls[index] for index in sorted(self._calls))

    @property
    def n_tokens(self) -> int:
        """Tokens of the answer: as counted by the endpoint, or else the pieces so far."""
        return self._n_counted if self._n_counted is not None else self._n_pieces

    async def drain(self) -> None:
        """Read what follows the end of a finished answer; does nothing if it is not finished."""
        if self._is_done:
            async for _ in self._source:
                pass

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> str:
        """Return the next piece of text, never empty.

        Raises:
            GeneratorFailed: If the endpoint reports an error or breaks off.
            FellSilent: If it says nothing for too long.
        """
        while not self._texts:
            if self._is_done:
                raise StopAsyncIteration
            try:
                data = await anext(self._source)
            except StopAsyncIteration:
                self._end()
                continue
            self._take(self._feed(data))
        return self._texts.popleft()

    def _end(self) -> None:
        self._take(self._lines.finish())
        if not (self._is_done or self._finish):
            raise GeneratorFailed("The language model broke off; try again.")
        self._is_done = True

    def _feed(self, data: bytes) -> list[bytes]:
        try:
            events = self._lines.feed(data)
        except ValueError as error:
            raise _nonsense() from error
        now = self._clock()
        if events:
            self._last_event = now
        elif now - self._last_event > self._token_timeout_s:
            raise FellSilent("The language model fell silent; try again.")
        return events

    def _take(self, events: list[bytes]) -> None:
        for event in events:
            if event == _DONE:
                self._is_done = True
                return
            try:
                chunk = decode_chunk(event)
            except msgspec.DecodeError as error:
                raise _nonsense() from error
            if chunk.error is not None:
                raise GeneratorFailed("The language model reported an error; try again.")
            self._take_chunk(chunk)

    def _take_chunk(self, chunk: Chunk) -> None:
        if chunk.usage is not None and 0 <= chunk.usage.completion_tokens <= _MAX_TOKENS:
            self._n_counted = chunk.usage.completion_tokens
        for choice in chunk.choices[:1]:
            if choice.delta is not None:
                if choice.delta.content:
                    self._n_pieces += 1
                    self._texts.append(choice.delta.content)
                for call in choice.delta.tool_calls or ():
                    self._take_call(call)
            if choice.finish_reason is not None:
                self._finish = choice.finish_reason

    def _take_call(self, delta: ToolDelta) -> None:
        if delta.function is None or (delta.index not in self._calls and len(self._calls) >= _MAX_TOOL_CALLS):
            return
        call = self._calls.setdefault(delta.index, ToolCall())
        call.name += delta.function.name or ""
        call.arguments += delta.function.arguments or ""


def _nonsense() -> GeneratorFailed:
    return GeneratorFailed("The language model's endpoint does not speak like a chat endpoint.")
