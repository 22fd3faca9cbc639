"""Small data sets, sources and networks for the evaluation of textures."""

import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from vrbridge.generators.texture.maps import TextureMaps
from vrbridge.training.dataset import MapSet, TextureData
from vrbridge.training.evaluation.textures import picture_maps

Pixels = npt.NDArray[np.uint8]

_BLOCKS = (
    (32, 16, 3), (16, 24, 3), (24, 24, 3), (24, 40, 5), (40, 40, 5), (40, 80, 3), (80, 80, 3), (80, 80, 3),
    (80, 112, 5), (112, 112, 5), (112, 112, 5),
)  # fmt: skip


def random_weights(file: Path) -> Path:
    """Write weights with the shapes of EfficientNet-Lite0 that nobody trained."""
    random = torch.Generator().manual_seed(1)
    weights: dict[str, torch.Tensor] = {}

    def layer(name: str, norm: str, outputs: int, inputs: int, edge: int) -> None:
        fan_in = inputs * edge * edge
        weights[f"{name}.weight"] = (
            torch.randn((outputs, inputs, edge, edge), generator=random) * (2 / fan_in) ** 0.5
        )
        weights[f"{norm}.weight"] = torch.ones(outputs)
        weights[f"{norm}.bias"] = 0.1 * torch.randn(outputs, generator=random)
        weights[f"{norm}.running_mean"] = torch.zeros(outputs)
        weights[f"{norm}.running_var"] = torch.ones(outputs)

    layer("_conv_stem", "_bn0", 32, 3, 3)
    for number, (inputs, outputs, edge) in enumerate(_BLOCKS):
        name = f"_blocks.{number}."
        wide = inputs * 6 if number else inputs
        if number:
            layer(f"{name}_expand_conv", f"{name}_bn0", wide, inputs, 1)
        layer(f"{name}_depthwise_conv", f"{name}_bn1", wide, 1, edge)
        layer(f"{name}_project_conv", f"{name}_bn2", outputs, wide, 1)
    torch.save(weights, file)
    return file


class WordEncoder:
    """Sentences are close that share words."""

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        vectors = np.zeros((len(texts), 64), np.float32)
        for row, text in enumerate(texts):
            for word in text.split():
                vectors[row] += np.random.default_rng(zlib.crc32(word.encode())).standard_normal(64)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        unit: npt.NDArray[np.float32] = vectors / np.maximum(lengths, 1e-9).astype(np.float32)
        return unit


COLORS = ("red", "green", "blue", "gray")
PATTERNS = ("stripes", "checks", "dots", "waves", "noise")


def picture(color: str, pattern: str, variant: int, size_px: int = 64) -> Pixels:
    """A tile (S, S, 3): colour and pattern as said, the variant shifts and roughens it."""
    random = np.random.default_rng([zlib.crc32(f"{color} {pattern}".encode()), variant])
    y, x = np.mgrid[0:size_px, 0:size_px] * (2 * np.pi / size_px)
    shift = random.random(2) * 6
    x, y = x + shift[0], y + shift[1]
    shapes = {
        "stripes": np.sign(np.sin(8 * x)),
        "checks": np.sign(np.sin(4 * x) * np.sin(4 * y)),
        "dots": np.sin(8 * x) * np.sin(8 * y),
        "waves": np.sin(2 * x + y),
        "noise": random.standard_normal(x.shape).clip(-1, 1),
    }
    tint = np.array([90.0, 90.0, 90.0])
    if color != "gray":
        tint[("red", "green", "blue").index(color)] += 80
    grain = 6 * random.standard_normal(x.shape)
    tile: Pixels = (tint + (40 * shapes[pattern] + grain)[..., None]).clip(0, 255).astype(np.uint8)
    return tile


def data(n_variants: int = 3, *, size_px: int = 64) -> TextureData:
    """Every colour with every pattern, some held out; the first picture has a normal map of its own."""
    held_out = {("red", "dots"), ("green", "stripes"), ("blue", "noise"), ("gray", "checks")}
    pairs = [(color, pattern) for color in COLORS for pattern in PATTERNS for _ in range(n_variants)]
    count = len(pairs)
    slanted = np.zeros((1, size_px, size_px, 3), np.uint8)
    slanted[:] = (218, 128, 218)
    none = MapSet(np.zeros((0, size_px, size_px), np.uint8), np.full(count, -1, np.int32))
    row = np.full(count, -1, np.int32)
    row[0] = 0
    return TextureData(
        color=np.stack([picture(*pair, i % n_variants, size_px) for i, pair in enumerate(pairs)]),
        normal=MapSet(slanted, row),
        gloss=none,
        height=none,
        captions=[" ".join(pair) for pair in pairs],
        categories=[pattern for _, pattern in pairs],
        licenses=["CC0-1.0"] * count,
        is_free=np.ones(count, bool),
        files=[f"{i}.png" for i in range(count)],
        is_tileable=np.ones(count, bool),
        is_held_out=np.array([pair in held_out for pair in pairs]),
    )


class Copies:
    """Gives back pictures of a data set, whatever they are asked for.

    Args:
        pictures: The data set.
        indices: Which of it, by prompt.
    """

    model = "copies"
    takes_any_prompt = True

    def __init__(self, pictures: TextureData, indices: dict[str, int]) -> None:
        self._pictures = pictures
        self._indices = indices

    def render(self, prompt: str, seed: int, size_px: int) -> TextureMaps:
        return picture_maps(self._pictures, self._indices.get(prompt, 0), size_px)
