"""An untrained texture network over a few captions, for tests of everything but its pictures."""

from pathlib import Path

import numpy as np
import torch

from tests.fakes import FakeTextEncoder
from vrbridge.generators.texture import network_file
from vrbridge.generators.texture.autoencoder import Decoder, Encoder
from vrbridge.generators.texture.latent_flow import LatentFlow
from vrbridge.generators.texture.layouts import Layouts
from vrbridge.generators.texture.map_network import MapNetwork
from vrbridge.generators.texture.network_file import TextureNetwork
from vrbridge.generators.texture.text_prior import Anchors
from vrbridge.generators.texture.tones import with_mean_colors

CAPTIONS = {
    "red brick wall": "brick",
    "gray brick wall": "brick",
    "green grass": "grass",
    "white snow": "snow",
    "rusty metal plate": "rust",
    "mossy gray stone wall": "stone wall",
    "brown oak wood planks": "wood",
}


def anchors() -> Anchors:
    """Return one anchor a caption, each with a code of its own and about the colour that it names."""
    random = np.random.default_rng(0)
    captions = tuple(CAPTIONS)
    codes = random.standard_normal((len(captions), 64)).astype(np.float32)
    srgb = {
        "red": (0.6, 0.2, 0.15),
        "gray": (0.5, 0.5, 0.5),
        "green": (0.3, 0.5, 0.2),
        "white": (0.9, 0.9, 0.9),
    }
    srgb |= {"rusty": (0.5, 0.3, 0.15), "mossy": (0.4, 0.45, 0.3), "brown": (0.4, 0.3, 0.2)}
    colors = torch.tensor([srgb[caption.split()[0]] for caption in captions])
    codes[:, :12] = with_mean_colors(torch.zeros(len(captions), 12), colors).numpy()
    return Anchors(
        captions=captions,
        categories=tuple(CAPTIONS.values()),
        sentences=FakeTextEncoder().encode(captions),
        codes=codes,
        tone_mean=np.repeat(np.array([0, -1.5], np.float32), 6),
        tone_scale=np.ones(12, np.float32),
        bonus=np.zeros(len(captions), np.float32),
    )


def layouts() -> Layouts:
    """Return layouts of the second picture of bricks and of the snow."""
    structures = np.random.default_rng(4).standard_normal((2, 6, 32, 32))
    return Layouts.of(structures, np.array([1, 3]))


def random_network(name: str = "random-1") -> TextureNetwork:
    """Return a network of random weights; the same in every process."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        parts = (Encoder(), Decoder(), LatentFlow(), MapNetwork())
    with torch.no_grad():
        # As they start, these are zero: nothing would reach the picture.
        parts[1].fine_grain.normal_(generator=torch.Generator().manual_seed(1))
        parts[1].finer_grain.normal_(generator=torch.Generator().manual_seed(2))
        parts[1].finest_grain.normal_(generator=torch.Generator().manual_seed(3))
        for parameter in parts[2].parameters():
            if not parameter.any():
                parameter.normal_(0, 0.1, generator=torch.Generator().manual_seed(2))
    for part in parts:
        part.requires_grad_(False).eval()
    return TextureNetwork(
        name, *parts,
        anchors=anchors(),
        layouts=layouts(),
        style_space={"axes": torch.ones(3, 2)}, facts={"tiles": len(CAPTIONS)},
    )  # fmt: skip


def random_weights(folder: Path, name: str = "random-1") -> Path:
    """Return the file of a random network."""
    path = folder / f"{name}.safetensors"
    network_file.write(random_network(name), path)
    return path
