"""Where shapes come from that are judged: generators, and real models to hold them against."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from vrbridge.generators.mesh.draft import MeshGenerator
from vrbridge.generators.mesh.extraction import logits_of, surface_of
from vrbridge.generators.mesh.neural import NeuralMeshes
from vrbridge.generators.mesh.prop import Prop, is_closed
from vrbridge.generators.text_encoder import SentenceEncoder
from vrbridge.training.mesh_data import MeshData
from vrbridge.training.mesh_evaluation.clouds import Cloud, cloud_on

MAX_FACES = 1500
BUDGETS = (MAX_FACES, 400, 80)


@dataclass(frozen=True, slots=True)
class Made:
    """A shape that was made for words.

    Attributes:
        cloud: Points on it.
        is_watertight: Of every level; None: not a product.
        is_on_budget: No level has more faces than allowed; None: not a product.
    """

    cloud: Cloud
    is_watertight: bool | None = None
    is_on_budget: bool | None = None


class Shapes(Protocol):
    """A source of shapes."""

    @property
    def model(self) -> str:
        """Name in the table."""
        ...

    def make(self, number: int, caption: str, seed: int) -> Made:
        """Return a shape.

        Args:
            number: Of the held-out shape that the words are of.
            caption: The words.
            seed: For another one of the same words.
        """
        ...


class Generated:
    """Shapes of a generator.

    Args:
        generator: Makes them.
        model: Name in the table; None: the generator's.
    """

    def __init__(self, generator: MeshGenerator, model: str | None = None) -> None:
        self._generator = generator
        self.model = model or generator.model

    def make(self, number: int, caption: str, seed: int) -> Made:
        """Return a shape; see `Shapes.make`."""
        levels = dict(self._generator.draft(caption, seed=seed).levels(BUDGETS))
        vertices, faces = joined(levels[0])
        return Made(
            cloud_on(vertices, faces),
            is_watertight=all(is_closed(prop) for prop in levels.values()),
            is_on_budget=all(prop.n_faces <= BUDGETS[level] for level, prop in levels.items()),
        )


class NearestLattice:
    """What the decoder makes of the training shape with the nearest caption, flow and noise left out.

    Args:
        network: Of it.
    """

    def __init__(self, network: NeuralMeshes) -> None:
        self._network = network
        self.model = "nearest code, no flow"

    def make(self, number: int, caption: str, seed: int) -> Made:
        """Return a shape; see `Shapes.make`."""
        plan = self._network.plan(caption, seed=seed)
        prop = dict(self._network.levels(plan, (MAX_FACES,), is_plain=True))[0]
        return Made(cloud_on(*joined(prop)))


class NearestModels:
    """The training model with the nearest caption.

    Args:
        data: Models.
        encoder: Sentence vectors.
    """

    model = "nearest training model"

    def __init__(self, data: MeshData, encoder: SentenceEncoder) -> None:
        self._data = data
        self._encoder = encoder
        self._numbers = np.flatnonzero(~data.is_held_out)
        self._sentences = encoder.encode([data.shapes[i].colored_caption for i in self._numbers])

    def make(self, number: int, caption: str, seed: int) -> Made:
        """Return a shape; seeds choose the nearest, the second nearest and so on."""
        order = np.argsort(-(self._sentences @ self._encoder.encode([caption])[0]))
        return Made(real_cloud(self._data, int(self._numbers[order[seed % len(order)]])))


class HeldOutModels:
    """The very models that the words are of: what a perfect generator would reach.

    Args:
        data: Models.
    """

    model = "held-out"

    def __init__(self, data: MeshData) -> None:
        self._data = data

    def make(self, number: int, caption: str, seed: int) -> Made:
        """Return the very model, with other points on it."""
        return Made(real_cloud(self._data, number, seed=1))


def real_cloud(data: MeshData, number: int, *, seed: int = 0) -> Cloud:
    """Return points on the solid of a model: what a generator is shown, and could make at best."""
    surface = surface_of(logits_of(data.solid[number]))
    return cloud_on(surface.vertices, surface.faces, seed=seed)


def joined(prop: Prop) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return the vertices and faces of all parts of a prop."""
    starts = np.cumsum([0, *(len(part.vertices) for part in prop.parts)])
    faces = [part.faces.astype(np.int64) + start for part, start in zip(prop.parts, starts, strict=False)]
    return np.concatenate([part.vertices for part in prop.parts]), np.concatenate(faces)
