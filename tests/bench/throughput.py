"""What the bridge costs a language model: the same questions, through it and directly, in one run."""

import asyncio
import json
import tempfile
import time
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import msgspec

from tests.bench.endpoint import BenchEndpoint, language_model, noting_endpoint
from tests.bench.figures import Figure
from tests.integration.serving import serving
from vrbridge import settings as configuration
from vrbridge.client import Client
from vrbridge.client.events import AnswerDone, TextPiece
from vrbridge.settings import Settings

N_PLAYERS = 8
N_ROUNDS = 6
N_SINGLE = 20
MAX_TOKENS = 64
NPCS = ("blacksmith", "merchant", "museum_guide", "ship_computer")
# Names of players that no other round uses.
_SINGLE_VISITS = 1000
# llama.cpp may close a connection in the moment of the next question; a new one on loopback costs nothing.
_LIMITS = httpx.Limits(max_connections=2 * N_PLAYERS, max_keepalive_connections=0)
QUESTION = "Tell me a long story about the place where you work, please."


@dataclass(frozen=True)
class Answer:
    """How one answer came.

    Args:
        n_tokens: As the model counts them.
        asked: When it was asked for, on the clock of `time.perf_counter`.
        pieces: When each piece of text came, and what it was.
    """

    n_tokens: int
    asked: float
    pieces: tuple[tuple[float, str], ...]

    @property
    def last(self) -> float:
        """When the last piece came."""
        return self.pieces[-1][0]

    def heard_after(self, text: str) -> float | None:
        """Return the seconds until this text had come, or None if it never did."""
        heard = ""
        for at, piece in self.pieces:
            heard += piece
            if text in heard:
                return at - self.asked
        return None


async def figures() -> list[Figure]:
    """Measure what the bridge costs a model that has cores of its own, and one that needs every core.

    The threads of llama.cpp wait for each other: on two cores with two threads it stands still whenever
    anything else runs, be it a client, a generator or the bridge.
    """
    default = configuration.load()
    alone = msgspec.structs.replace(default, dialogue=msgspec.structs.replace(default.dialogue, threads=1))
    ratios_alone = await _compared(alone, "model on one core", target=0.97)
    ratios_shared = await _compared(default, "model on every core", target=None)
    return ratios_alone + ratios_shared[:3]


async def _compared(settings: Settings, where: str, *, target: float | None) -> list[Figure]:
    """Measure tokens a second of eight players at once, and what the bridge adds to the first words.

    The bridge ends an answer that repeats itself, so that the same numbers of tokens are asked for directly;
    and it leaves out a name that the model puts before its words, so that the same words are waited for.
    """
    bodies = await _bodies()
    direct: list[float] = []
    bridged: list[float] = []
    added_ms: list[float] = []
    with (
        language_model(settings) as endpoint,
        tempfile.TemporaryDirectory() as folder,
        # The first round reads eight long prompts, on a slow core for more than half a minute.
        serving(Path(folder), **endpoint.environment, VRBRIDGE_DIALOGUE__TOKEN_TIMEOUT_S="120") as server,
    ):
        async with httpx.AsyncClient(timeout=120, trust_env=False, limits=_LIMITS) as http:
            # The first round fills the prompt cache and is not counted.
            for number in range(N_ROUNDS + 1):
                through = await _all_through_bridge(server.url, number)
                alone = await asyncio.gather(
                    *(
                        _ask_directly(http, endpoint, body, max_tokens=answer.n_tokens)
                        for body, answer in zip(bodies, through, strict=True)
                    )
                )
                if number:
                    bridged.append(_rate(through))
                    direct.append(_rate(alone))
            for number in range(N_SINGLE):
                added_ms += await _added_ms(http, endpoint, server.url, bodies[number % 2], number)
    ratios = [b / d for b, d in zip(bridged, direct, strict=True)]
    how = f"{N_PLAYERS} players, {where}"
    return [
        Figure("dialogue directly", direct, "tok/s", note=how),
        Figure("dialogue through the bridge", bridged, "tok/s", note=how),
        Figure("bridge ÷ direct", ratios, "×", target, is_floor=True, note="pair by pair"),
        Figure("added to the first words", added_ms, "ms", 3, note="one player, pair by pair"),
    ]


def _rate(answers: Sequence[Answer]) -> float:
    """Return tokens a second of answers that ran at once, from the first question to the last token."""
    seconds = max(answer.last for answer in answers) - min(answer.asked for answer in answers)
    return sum(answer.n_tokens for answer in answers) / seconds


async def _added_ms(
    http: httpx.AsyncClient, endpoint: BenchEndpoint, url: str, body: bytes, number: int
) -> list[float]:
    """Return what the bridge added to the first words of one answer; empty if the answers differ."""
    answers: dict[bool, Answer] = {}
    # Each way goes first in half of the pairs.
    for is_bridged in (True, False) if number % 4 < 2 else (False, True):
        if is_bridged:
            answers[True] = await _ask_stranger(url, number % 2, _SINGLE_VISITS + number)
        else:
            answers[False] = await _ask_directly(http, endpoint, body, max_tokens=MAX_TOKENS)
    at, first_words = answers[True].pieces[0]
    alone_s = answers[False].heard_after(first_words)
    return [] if alone_s is None else [(at - answers[True].asked - alone_s) * 1e3]


async def _bodies() -> list[bytes]:
    """Return what the bridge asks the model when each player asks the question."""
    bodies: list[bytes] = []
    async with noting_endpoint(bodies) as endpoint:
        with tempfile.TemporaryDirectory() as folder, serving(Path(folder), **endpoint.environment) as server:
            for player in range(N_PLAYERS):
                await _ask_stranger(server.url, player, 0)
    assert len(bodies) == N_PLAYERS, "one question each"
    return bodies


async def _all_through_bridge(url: str, number: int) -> list[Answer]:
    # Connected before, so that the questions arrive together and in one order, as they do directly.
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(_player(url, p, number)) for p in range(N_PLAYERS)]
        return await asyncio.gather(*(_ask_bridge(client, p) for p, client in enumerate(clients)))


def _player(url: str, player: int, number: int) -> AbstractAsyncContextManager[Client]:
    """Connect a player whom no character knows: a memory would change what the model is asked."""
    return Client.connect(url, device=f"player {player}, visit {number}")


async def _ask_bridge(client: Client, player: int) -> Answer:
    asked = time.perf_counter()
    pieces: list[tuple[float, str]] = []
    npc = NPCS[player % len(NPCS)]
    async for event in client.dialogue(npc, QUESTION, max_tokens=MAX_TOKENS, seed=player):
        if isinstance(event, TextPiece):
            pieces.append((time.perf_counter(), event.text))
        if isinstance(event, AnswerDone):
            return Answer(int(event.result["tokens"]), asked, tuple(pieces))
    raise AssertionError("an answer ends")


async def _ask_stranger(url: str, player: int, number: int) -> Answer:
    async with _player(url, player, number) as client:
        return await _ask_bridge(client, player)


async def _ask_directly(
    http: httpx.AsyncClient, endpoint: BenchEndpoint, body: bytes, *, max_tokens: int
) -> Answer:
    content = json.dumps(json.loads(body) | {"model": endpoint.model, "max_tokens": max_tokens}).encode()
    headers = {"Authorization": f"Bearer {endpoint.key}", "Content-Type": "application/json"}
    n_tokens = 0
    pieces: list[tuple[float, str]] = []
    asked = time.perf_counter()
    url = f"{endpoint.url}/chat/completions"
    async with http.stream("POST", url, content=content, headers=headers) as response:
        assert response.status_code == 200, await response.aread()
        async for line in response.aiter_lines():
            if not line.startswith("data: {"):
                continue
            chunk = json.loads(line.removeprefix("data: "))
            text = chunk["choices"][0]["delta"].get("content") if chunk["choices"] else None
            if text:
                pieces.append((time.perf_counter(), text))
            n_tokens = (chunk.get("usage") or {}).get("completion_tokens", n_tokens)
    return Answer(n_tokens or len(pieces), asked, tuple(pieces))
