"""An untrained shape network over a few captions, for tests of everything but its shapes."""

from pathlib import Path

import numpy as np
import torch

from tests.fakes import FakeTextEncoder
from vrbridge.generators.mesh import shape_file
from vrbridge.generators.mesh.color_code import COLOR_CODE_SIZE, FIELD_SIZE, ColorSpace
from vrbridge.generators.mesh.shape_autoencoder import ShapeDecoder, ShapeEncoder
from vrbridge.generators.mesh.shape_file import ShapeNetwork, Starts
from vrbridge.generators.mesh.shape_flow import CODE_SIZE, LATTICE_SIZE, CodeFlow, ShapeSpace
from vrbridge.generators.mesh.shape_prior import ShapeAnchors

CAPTIONS = {
    "brown wooden chair": "chair/seat",
    "red armchair": "chair/seat",
    "round table": "table/desk",
    "gray elephant": "animal",
    "black iron lamp": "lamp/light",
}
SIZES_M = (0.9, 1.0, 1.4, 3.0, 0.5)


def random_network(name: str = "random-shapes-1") -> ShapeNetwork:
    """Return a network of random weights; the second and the fourth caption have starts."""
    torch.manual_seed(0)
    random = np.random.default_rng(0)
    captions = tuple(CAPTIONS)
    decoder = ShapeDecoder()
    assert decoder.solid.bias is not None
    with torch.no_grad():
        decoder.solid.bias.fill_(0.3)  # something is always solid
    return ShapeNetwork(
        name=name,
        encoder=ShapeEncoder(),
        decoder=decoder,
        flow=CodeFlow(),
        space=ShapeSpace(torch.randn(LATTICE_SIZE), torch.randn(CODE_SIZE, LATTICE_SIZE) * 0.1, 0.7),
        color_space=ColorSpace(torch.zeros(FIELD_SIZE), torch.randn(COLOR_CODE_SIZE, FIELD_SIZE) * 0.03),
        anchors=ShapeAnchors(
            captions=captions,
            categories=tuple(CAPTIONS.values()),
            sentences=FakeTextEncoder().encode(captions),
            codes=random.standard_normal((len(captions), CODE_SIZE)).astype(np.float32),
            colors=random.standard_normal((len(captions), COLOR_CODE_SIZE)).astype(np.float32),
            sizes_m=np.array(SIZES_M, np.float32),
            bonus=np.zeros(len(captions), np.float32),
        ),
        starts=Starts.of(
            random.standard_normal((2, LATTICE_SIZE)).astype(np.float32), np.array([1, 3], np.int32)
        ),
        facts={"license": "CC0-1.0"},
    )


def random_weights(folder: Path) -> Path:
    """Return the file of such a network in a folder."""
    path = folder / "random.safetensors"
    shape_file.write(random_network(), path)
    return path
