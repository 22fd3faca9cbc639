"""How long one player waits, with an otherwise idle server."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

from tests.bench.figures import Figure
from tests.integration.serving import serving
from vrbridge.client import Client
from vrbridge.client.events import AnswerDone, Asset, TextPiece
from vrbridge.encoding import image

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
GROUNDS = (
    "dry grass",
    "brown forest soil",
    "gray rock",
    "wet sand",
    "gravel",
    "fresh snow",
    "rusty metal",
    "rough concrete",
    "blue cotton fabric",
    "mossy bark",
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


async def texture(
    url: str, formats: tuple[str, ...], *, target_ms: float | None, size_px: int = 512
) -> list[Figure]:
    """Measure preview and full set of three-map materials of the default generator."""
    name = "+".join(formats)
    is_main = target_ms is not None
    preview, whole = await _textures(url, formats, SURFACES, size_px, style=None)
    return [
        Figure(f"texture → preview ({name})", preview, "ms", 150 if is_main else None, note="128 px JPEG"),
        Figure(f"texture → {size_px}² set ({name})", whole, "ms", target_ms, note="three maps with mips"),
    ]


async def networks(url: str) -> list[str]:
    """Return the texture networks that the server has."""
    async with Client.connect(url, device="bench") as client:
        return [name for name in client.capabilities["texture"]["styles"] if name != "parametric"]


async def network_texture(url: str, network: str) -> list[Figure]:
    """Measure materials that a trained network draws."""
    preview, whole = await _textures(url, ("etc2",), GROUNDS, 512, style=network)
    _, large = await _textures(url, ("etc2",), GROUNDS, 1024, style=network)
    return [
        Figure(f"{network} → preview", preview, "ms", 60, note="128 px JPEG of 512²"),
        Figure(f"{network} → 512² set (etc2)", whole, "ms", 400, note="three maps with mips"),
        Figure(f"{network} → 1024² set (etc2)", large, "ms", 1200, note="three maps with mips"),
    ]


async def material(url: str) -> list[Figure]:
    """Measure a 12-megapixel photograph as a 1024² material."""
    photographs = [_photograph(seed) for seed in range(5)]
    totals = []
    async with Client.connect(url, device="bench", texture_formats=("etc2",)) as client:
        for photograph in photographs:
            started = time.perf_counter()
            await client.material(photograph, size_px=1024)
            totals.append((time.perf_counter() - started) * 1e3)
    return [Figure("photograph → 1024² set (etc2)", totals, "ms", note="4000 × 3000 JPEG")]


async def _textures(
    url: str, formats: tuple[str, ...], prompts: tuple[str, ...], size_px: int, *, style: str | None
) -> tuple[list[float], list[float]]:
    """Return the milliseconds to each preview and to each whole set."""
    previews, totals = [], []
    async with Client.connect(url, device="bench", texture_formats=formats) as client:
        await client.texture(prompts[-1], size_px=size_px, seed=99, style=style)
        for number, prompt in enumerate(prompts):
            started = time.perf_counter()
            arrived: list[float] = []

            def on_preview(_: Asset, arrived: list[float] = arrived) -> None:
                arrived.append(time.perf_counter())

            await client.texture(prompt, size_px=size_px, seed=number, style=style, on_preview=on_preview)
            totals.append((time.perf_counter() - started) * 1e3)
            previews.append((arrived[0] - started) * 1e3)
    return previews, totals


def _photograph(seed: int) -> bytes:
    """Return a JPEG file of soft spots, lit from one side."""
    spots = np.random.default_rng(seed).integers(60, 200, (150, 200, 3), np.uint8)
    grown = np.asarray(Image.fromarray(spots).resize((4000, 3000), Image.Resampling.BICUBIC), np.float32)
    lit = np.clip(grown * np.linspace(0.7, 1.2, 4000)[None, :, None], 0, 255).astype(np.uint8)
    return image.jpeg(lit, quality=50)


async def mesh(url: str, style: str) -> list[Figure]:
    """Measure coarsest level, everything, and everything with a material, of props in one manner."""
    firsts, totals = await _props(url, style, texture_px=0)
    _, textured = await _props(url, style, texture_px=512)
    return [
        Figure(f"{style} mesh → coarsest level", firsts, "ms", 300),
        Figure(f"{style} mesh → all levels and collider", totals, "ms", 800),
        Figure(f"{style} mesh → with material, 512²", textured, "ms", 1300),
    ]


async def mesh_styles(url: str) -> list[str]:
    """Return the manners in which the server builds."""
    async with Client.connect(url, device="bench") as client:
        known = client.capabilities["mesh"]["styles"]
    return [style for style in ("generated", "library", "procedural") if style in known]


async def _props(url: str, style: str, *, texture_px: int) -> tuple[list[float], list[float]]:
    """Return the milliseconds to the first level and to the end of each prop."""
    firsts, totals = [], []
    async with Client.connect(url, device="bench", texture_formats=["etc2"]) as client:
        await client.mesh("crate", seed=99, style=style, texture_px=texture_px)
        for number, prompt in enumerate(PROPS):
            started = time.perf_counter()
            arrived: list[float] = []

            def on_asset(_: Asset, arrived: list[float] = arrived) -> None:
                arrived.append(time.perf_counter())

            await client.mesh(prompt, seed=number, style=style, texture_px=texture_px, on_asset=on_asset)
            firsts.append((arrived[0] - started) * 1e3)
            totals.append((time.perf_counter() - started) * 1e3)
    return firsts, totals
