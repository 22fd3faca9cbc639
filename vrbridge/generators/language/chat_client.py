"""The client of any OpenAI-compatible chat endpoint."""

import logging
import math
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import httpx

from vrbridge.errors import GeneratorFailed, Overloaded, RequestError, Unavailable
from vrbridge.generators.language.completion import Completion
from vrbridge.generators.language.reply import FellSilent, Reply

_log = logging.getLogger(__name__)
_RETRY_S = 2.0
_MAX_RETRY_S = 120.0
# Less than the usual limit of servers, 5 s: what is closed in the moment of a question costs a second try.
_KEEPALIVE_S = 2.0
# One answer may fall silent because the machine is busy.
_HANG_SILENCES = 2
_MAX_ERROR_BYTES = 1 << 16
_CONTEXT_WORDS = ("context size", "context length", "context_length", "context window", "exceed_context")


class PromptTooLong(GeneratorFailed):
    """The prompt does not fit the endpoint's context."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a language model answers.

    Args:
        url: Base URL, such as `http://127.0.0.1:11434/v1`.
        model: Its name there.
        key: Bearer key. None: none is sent.
        is_embedded: Whether it is our own llama.cpp, which knows more sampling options than others.
    """

    url: str
    model: str
    key: str | None = None
    is_embedded: bool = False


class ChatClient:
    """Streams answers of one endpoint; the endpoint may change at any time.

    Args:
        endpoint: None: nothing answers yet.
        max_connections: Answers that may run at once.
        connect_timeout_s: How long a connection may take.
        token_timeout_s: Longest silence before or in an answer.
        on_hang: Called when the endpoint has fallen silent in several answers, and has ended none meanwhile.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        endpoint: Endpoint | None,
        *,
        max_connections: int,
        connect_timeout_s: float,
        token_timeout_s: float,
        on_hang: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._endpoint = endpoint
        self._token_timeout_s = token_timeout_s
        self._on_hang = on_hang
        self._n_silent = 0
        self._clock = clock
        self._http = httpx.AsyncClient(
            timeout=httpx.Timeout(token_timeout_s, connect=connect_timeout_s, pool=connect_timeout_s),
            limits=httpx.Limits(
                max_connections=max_connections,
                max_keepalive_connections=max_connections,
                keepalive_expiry=_KEEPALIVE_S,
            ),
            # The address comes from settings; a proxy of the environment has no business in between, least
            # of all for loopback.
            trust_env=False,
        )

    @property
    def endpoint(self) -> Endpoint | None:
        """Where answers come from now, or None."""
        return self._endpoint

    def point(self, endpoint: Endpoint | None) -> None:
        """Take another endpoint for all answers to come; None: nothing answers at present."""
        self._endpoint = endpoint
        self._n_silent = 0

    async def close(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    @asynccontextmanager
    async def ask(self, completion: Completion) -> AsyncGenerator[Reply, None]:
        """Ask for an answer; leaving the context early stops the endpoint's work on it.

        Raises:
            Unavailable: If the endpoint can't be reached, or says so.
            Overloaded: If it has too much to do.
            PromptTooLong: If the prompt does not fit.
            GeneratorFailed: If it answers with an error, or breaks off.
            FellSilent: If it says nothing for too long.
        """
        endpoint = self._endpoint
        if endpoint is None:
            raise Unavailable("The language model is starting; try again soon.", retry_after_s=_RETRY_S)
        headers = {"Content-Type": "application/json", "Accept-Encoding": "identity"}
        if endpoint.key is not None:
            headers["Authorization"] = f"Bearer {endpoint.key}"
        body = completion.body(endpoint.model, is_embedded=endpoint.is_embedded)
        url = endpoint.url.rstrip("/") + "/chat/completions"
        try:
            async with AsyncExitStack() as stack:
                response = await self._open(stack, url, body, headers)
                if response.status_code != httpx.codes.OK:
                    raise await _refusal(response)
                reply = Reply(response.aiter_raw(), token_timeout_s=self._token_timeout_s, clock=self._clock)
                yield reply
                # The connection is used again only if the answer was read to its very end.
                await reply.drain()
            if endpoint == self._endpoint:
                self._n_silent = 0
        except FellSilent:
            self._note_silence(endpoint)
            raise
        except httpx.HTTPError as error:
            failure = _failure(error)
            if isinstance(failure, FellSilent):
                self._note_silence(endpoint)
            raise failure from error
        except httpx.InvalidURL as error:
            raise Unavailable("`dialogue.url` is not a valid address.") from error

    def _note_silence(self, endpoint: Endpoint) -> None:
        # What was asked of one that has been replaced meanwhile says nothing about the present one.
        if endpoint == self._endpoint:
            self._n_silent += 1
            if self._n_silent == _HANG_SILENCES:
                self._on_hang()

    async def _open(
        self, stack: AsyncExitStack, url: str, body: bytes, headers: dict[str, str]
    ) -> httpx.Response:
        """Send a question; once more if the connection turns out to have been closed since the last one.

        Servers close connections that they keep open for later questions when they like, llama.cpp after two.
        """
        try:
            return await stack.enter_async_context(
                self._http.stream("POST", url, content=body, headers=headers)
            )
        except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
            return await stack.enter_async_context(
                self._http.stream("POST", url, content=body, headers=headers)
            )


def _failure(error: httpx.HTTPError) -> RequestError:
    match error:
        case httpx.PoolTimeout():
            return Overloaded("Too many answers run at once; try again soon.", retry_after_s=_RETRY_S)
        case httpx.ConnectError() | httpx.ConnectTimeout() | httpx.UnsupportedProtocol():
            return Unavailable("The language model can't be reached; try again soon.", retry_after_s=_RETRY_S)
        case httpx.TimeoutException():
            return FellSilent("The language model fell silent; try again.", retry_after_s=_RETRY_S)
        case _:
            return GeneratorFailed("The language model broke off; try again.", retry_after_s=_RETRY_S)


async def _refusal(response: httpx.Response) -> RequestError:
    status = response.status_code
    # Nothing of the body goes further: it may hold paths, or repeat the prompt.
    _log.warning("The language model's endpoint answered with status %d", status)
    match status:
        case 401 | 403:
            return Unavailable("The language model's endpoint refuses the key of this server.")
        case 404:
            return Unavailable("The language model's endpoint does not know the model or the address.")
        case 429:
            wait_s = _retry_after_s(response)
            return Overloaded("The language model has too much to do; try again.", retry_after_s=wait_s)
        case 502 | 503 | 504:
            wait_s = _retry_after_s(response)
            return Unavailable("The language model is not ready; try again soon.", retry_after_s=wait_s)
        case 400 | 413 if await _is_about_context(response):
            return PromptTooLong("The conversation is too long for the language model.")
        case _:
            return GeneratorFailed(f"The language model's endpoint answered with status {status}.")


async def _is_about_context(response: httpx.Response) -> bool:
    body = b""
    async for data in response.aiter_bytes():
        body += data
        if len(body) > _MAX_ERROR_BYTES:
            break
    text = body.decode(errors="replace").lower()
    return any(words in text for words in _CONTEXT_WORDS)


def _retry_after_s(response: httpx.Response) -> float:
    try:
        wait_s = float(response.headers["Retry-After"])
    except (KeyError, ValueError):  # absent, or a date
        return _RETRY_S
    return min(max(wait_s, 0.1), _MAX_RETRY_S) if math.isfinite(wait_s) else _RETRY_S
