"""How long one player waits, with an otherwise idle server."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.figures import Figure
from tests.integration.serving import serving
from vrbridge.client import Client
from vrbridge.client.events import AnswerDone, Asset, TextPiece

N_STARTS = 3
QUESTIONS = (
    "Hello there, who are you?",
    "What are you working on today?",
    "Do you sell horseshoes?",
    "Is the road to the mill safe?",
    "Who taught you your trade?",
    "What should I see in this village?",
    "How hot does your forge get?",
    "What is your favourite tool?",
    "Have you heard any news?",
    "Can you mend my old sword?",
)
SURFACES = (
    "mossy stone wall",
    "red brick wall",
    "oak planks",
    "wet cobblestones",
    "rusty iron plates",
    "dry grass",
    "white marble",
    "blue ceramic tiles",
    "desert sand",
    "brown leather",
)
PROPS = (
    "wooden chair",
    "oak barrel",
    "iron lantern",
    "old bookshelf",
    "pine tree",
    "mossy rock",
    "knight's sword",
    "small cottage",
    "picket fence",
    "stone stairs",
)


def ready_time() -> Figure:
    """Measure from starting the command to the ready line."""
    seconds = []
    for _ in range(N_STARTS):
        with tempfile.TemporaryDirectory() as folder:
            started = time.perf_counter()
            with serving(Path(folder)):
                seconds.append(time.perf_counter() - started)
    return Figure("serve → ready", seconds, "s", 5, note="models present")


def help_time() -> Figure:
    """Measure what every command costs before it does anything."""
    seconds = []
    for _ in range(N_STARTS):
        started = time.perf_counter()
        subprocess.run([sys.executable, "-m", "vrbridge", "--help"], check=True, capture_output=True)
        seconds.append(time.perf_counter() - started)
    return Figure("vrbridge --help", seconds, "s")


async def dialogue(url: str) -> list[Figure]:
    """Measure the first word and the whole answer of a warm character."""
    firsts, totals = [], []
    async with Client.connect(url, device="bench") as client:
        async for _ in client.dialogue("blacksmith", "Good day!", max_tokens=8):
            pass
        for number, question in enumerate(QUESTIONS):
            started = time.perf_counter()
            first: float | None = None
            async for event in client.dialogue("blacksmith", question, max_tokens=40, seed=number):
                if isinstance(event, TextPiece) and first is None:
                    first = time.perf_counter() - started
                if isinstance(event, AnswerDone):
                    totals.append((time.perf_counter() - started) * 1e3)
            assert first is not None
            firsts.append(first * 1e3)
    return [
        Figure("dialogue → first text", firsts, "ms", 400, note="warm character, memory growing"),
        Figure("dialogue → done, 40 tokens", totals, "ms"),
    ]


async def texture(url: str, formats: tuple[str, ...], *, target_ms: float | None) -> list[Figure]:
    """Measure preview and full set of 512² three-map materials."""
    previews, totals = [], []
    async with Client.connect(url, device="bench", texture_formats=formats) as client:
        await client.texture("plaster", size_px=512, seed=99)
        for number, prompt in enumerate(SURFACES):
            started = time.perf_counter()
            arrived: list[float] = []

            def on_preview(_: Asset, arrived: list[float] = arrived) -> None:
                arrived.append(time.perf_counter())

            await client.texture(prompt, size_px=512, seed=number, on_preview=on_preview)
            totals.append((time.perf_counter() - started) * 1e3)
            previews.append((arrived[0] - started) * 1e3)
    name = "+".join(formats)
    is_main = target_ms is not None
    return [
        Figure(f"texture → preview ({name})", previews, "ms", 150 if is_main else None, note="128 px JPEG"),
        Figure(f"texture → 512² set ({name})", totals, "ms", target_ms, note="three maps with mips"),
    ]


async def mesh(url: str) -> list[Figure]:
    """Measure coarsest level and everything of a prop."""
    firsts, totals = [], []
    async with Client.connect(url, device="bench") as client:
        await client.mesh("crate", seed=99)
        for number, prompt in enumerate(PROPS):
            started = time.perf_counter()
            arrived: list[float] = []

            def on_asset(_: Asset, arrived: list[float] = arrived) -> None:
                arrived.append(time.perf_counter())

            await client.mesh(prompt, seed=number, on_asset=on_asset)
            firsts.append((arrived[0] - started) * 1e3)
            totals.append((time.perf_counter() - started) * 1e3)
    return [
        Figure("mesh → coarsest level", firsts, "ms", 300),
        Figure("mesh → all levels and collider", totals, "ms", 800),
    ]
