"""What the bridge costs a language model: the same questions, through it and directly, in one run."""

import asyncio
import json
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.bench.endpoint import BenchEndpoint, language_model, noting_endpoint
from tests.bench.figures import Figure
from tests.integration.serving import serving
from vrbridge.client import Client
from vrbridge.client.events import AnswerDone, TextPiece
from vrbridge.settings import Settings

N_PLAYERS = 8
N_ROUNDS = 6
N_SINGLE = 15
MAX_TOKENS = 96
# Players who were never here before: no memory changes what the model is asked.
NPCS = ("blacksmith", "merchant", "museum_guide", "ship_computer")
QUESTION = "Tell me a long story about the place where you work, please."


@dataclass(frozen=True)
class Answer:
    """How one answer came."""

    n_tokens: int
    first_s: float
    total_s: float


async def figures() -> list[Figure]:
    """Measure tokens a second of eight players at once, and what the bridge adds to the first token."""
    settings = Settings()
    bodies = await _bodies()
    direct: list[float] = []
    bridged: list[float] = []
    added_ms: list[float] = []
    with (
        language_model(settings) as endpoint,
        tempfile.TemporaryDirectory() as folder,
        serving(Path(folder), **endpoint.environment) as server,
    ):
        async with httpx.AsyncClient(timeout=120, trust_env=False) as http:
            # The first round of each fills the prompt cache and is not counted.
            for number in range(N_ROUNDS + 1):
                rates = (
                    await _rate([_ask_directly(http, endpoint, body) for body in bodies]),
                    await _rate([_ask_bridge(server.url, player, number) for player in range(N_PLAYERS)]),
                )
                if number:
                    direct.append(rates[0])
                    bridged.append(rates[1])
            for number in range(N_SINGLE):
                alone = await _ask_directly(http, endpoint, bodies[0])
                through = await _ask_bridge(server.url, 0, 1000 + number)
                added_ms.append((through.first_s - alone.first_s) * 1e3)
    ratios = [b / d for b, d in zip(bridged, direct, strict=True)]
    how = f"{N_PLAYERS} players, {N_ROUNDS} pairs of rounds"
    return [
        Figure("dialogue directly", direct, "tok/s", note=how),
        Figure("dialogue through the bridge", bridged, "tok/s", note=how),
        Figure("bridge ÷ direct", ratios, "×", 0.97, is_floor=True, note="pair by pair"),
        Figure("added to the first token", added_ms, "ms", 3, note=f"{N_SINGLE} pairs, one player"),
    ]


async def _bodies() -> list[bytes]:
    """Return what the bridge asks the model when each player asks the question."""
    bodies: list[bytes] = []
    async with noting_endpoint(bodies) as endpoint:
        with tempfile.TemporaryDirectory() as folder, serving(Path(folder), **endpoint.environment) as server:
            for player in range(N_PLAYERS):
                await _ask_bridge(server.url, player, 0)
    assert len(bodies) == N_PLAYERS, "one question each"
    return bodies


async def _rate(asking: Sequence[object]) -> float:
    """Return tokens a second of answers that run at once."""
    started = time.perf_counter()
    answers: list[Answer] = await asyncio.gather(*asking)  # type: ignore[call-overload]  # coroutines of Answer
    return sum(answer.n_tokens for answer in answers) / (time.perf_counter() - started)


async def _ask_bridge(url: str, player: int, number: int) -> Answer:
    async with Client.connect(url, device=f"player {player}, visit {number}") as client:
        started = time.perf_counter()
        first_s: float | None = None
        async for event in client.dialogue(
            NPCS[player % len(NPCS)], QUESTION, max_tokens=MAX_TOKENS, seed=player
        ):
            if isinstance(event, TextPiece) and first_s is None:
                first_s = time.perf_counter() - started
            if isinstance(event, AnswerDone):
                assert first_s is not None
                return Answer(int(event.result["tokens"]), first_s, time.perf_counter() - started)
    raise AssertionError("an answer ends")


async def _ask_directly(http: httpx.AsyncClient, endpoint: BenchEndpoint, body: bytes) -> Answer:
    asked = json.loads(body) | {"model": endpoint.model}
    headers = {"Authorization": f"Bearer {endpoint.key}"}
    n_tokens = 0
    started = time.perf_counter()
    first_s = 0.0
    url = f"{endpoint.url}/chat/completions"
    async with http.stream("POST", url, json=asked, headers=headers) as response:
        assert response.status_code == 200, await response.aread()
        async for line in response.aiter_lines():
            if not line.startswith("data: {"):
                continue
            chunk = json.loads(line.removeprefix("data: "))
            content = chunk["choices"][0]["delta"].get("content") if chunk["choices"] else None
            if content:
                first_s = first_s or time.perf_counter() - started
                n_tokens += 1
            n_tokens = (chunk.get("usage") or {}).get("completion_tokens", n_tokens)
    return Answer(n_tokens, first_s, time.perf_counter() - started)
