"""What characters speak with: the embedded language model in a process of its own, or another endpoint."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from vrbridge.errors import Unavailable
from vrbridge.generators.language.chat_client import ChatClient, Endpoint
from vrbridge.generators.language.embedded import (
    embedded_command,
    embedded_config,
    embedded_endpoint,
    embedded_environment,
    random_key,
)
from vrbridge.scheduling.process import ProcessFailed, SupervisedProcess
from vrbridge.settings import DialogueSettings

# Each answer that runs, and those that choose actions beside it, with room for those that end.
_CONNECTIONS_PER_SLOT = 4
_WAIT_S = 10.0
"""How long a question waits for a model that is started again."""
_RETRY_S = 2.0


class LanguageModel:
    """A chat client whose endpoint is there; a context manager.

    Args:
        settings: Which model, and where.
        file: Of the embedded model. None: `settings.url` answers.
        start_timeout_s: How long the embedded model may take to start.

    Raises:
        Unavailable: On entering, if the embedded model does not start.
    """

    def __init__(self, settings: DialogueSettings, file: Path | None, *, start_timeout_s: float) -> None:
        self._start_timeout_s = start_timeout_s
        self._stack = AsyncExitStack()
        self._started = asyncio.Event()
        self._key = random_key()
        self._process = None if file is None else self._supervised(settings, file)
        self.chat = ChatClient(
            None if settings.url is None else _endpoint(settings, settings.url),
            max_connections=_CONNECTIONS_PER_SLOT * settings.slots,
            connect_timeout_s=settings.connect_timeout_s,
            token_timeout_s=settings.token_timeout_s,
            on_hang=self._hangs,
        )

    async def __aenter__(self) -> Self:
        self._stack.push_async_callback(self.chat.close)
        try:
            if self._process is not None:
                await self._stack.enter_async_context(self._process)
                await self._ready(within_s=self._start_timeout_s)
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def wait(self) -> None:
        """Return once the embedded model answers again.

        Raises:
            Unavailable: If it does not come back soon.
        """
        try:
            await self._ready(within_s=_WAIT_S)
        except Unavailable as error:
            text = "The language model is being restarted; try again in a moment."
            raise Unavailable(text, retry_after_s=_RETRY_S) from error

    @asynccontextmanager
    async def read_ahead(self, read: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
        """Have the embedded model read something each time it has started, as long as the context lasts."""

        async def keep_reading() -> None:
            while True:
                await self._started.wait()
                self._started.clear()
                await read()

        if self._process is None:
            yield
            return
        task = asyncio.create_task(keep_reading(), name="read ahead")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])

    async def _ready(self, *, within_s: float) -> None:
        assert self._process is not None, "only the embedded model is waited for"
        try:
            async with asyncio.timeout(within_s):
                await self._process.wait_ready()
        except (ProcessFailed, TimeoutError) as error:
            raise Unavailable("The language model does not start; the server's log says why.") from error

    def _supervised(self, settings: DialogueSettings, file: Path) -> SupervisedProcess:
        config = embedded_config(
            file,
            model=settings.model,
            slots=settings.slots,
            context_tokens=settings.context_tokens,
            threads=settings.threads,
        )
        return SupervisedProcess(
            embedded_command(config),
            name="language model",
            environment=embedded_environment(self._key),
            start_timeout_s=self._start_timeout_s,
            on_ready=self._is_up,
            on_down=self._is_down,
        )

    def _is_up(self, info: Mapping[str, Any]) -> None:
        self.chat.point(embedded_endpoint(info, self._key))
        self._started.set()

    def _is_down(self) -> None:
        self.chat.point(None)

    def _hangs(self) -> None:
        if self._process is not None:
            self.chat.point(None)
            self._process.replace("It fell silent.")


def _endpoint(settings: DialogueSettings, url: str) -> Endpoint:
    key = os.environ.get(settings.api_key_env) if settings.api_key_env else None
    return Endpoint(url, settings.model, key=key)
