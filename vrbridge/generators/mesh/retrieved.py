"""The nearest real model of a set, finished like everything else."""

from pathlib import Path

import numpy as np

from vrbridge.generators.glossary import english
from vrbridge.generators.mesh import shelf_file
from vrbridge.generators.mesh.coloring import recolored
from vrbridge.generators.mesh.draft import Draft
from vrbridge.generators.mesh.model_levels import model_levels
from vrbridge.generators.mesh.outside import named_color, outside_of
from vrbridge.generators.mesh.shape_prior import ShapePrior
from vrbridge.generators.mesh.voxels import Model
from vrbridge.generators.mesh.words import describe
from vrbridge.generators.text_encoder import SentenceEncoder
from vrbridge.generators.texture.palette import Color

_SEED_BITS = 0xFFFFFFFFFFFFFFFF


class RetrievedMeshes:
    """Finds things on a shelf.

    Args:
        file: The shelf.
        encoder: Sentence vectors.

    Raises:
        ModelError: If the file is none.
    """

    def __init__(self, file: Path, encoder: SentenceEncoder) -> None:
        self._shelf = shelf_file.read(file)
        self._prior = ShapePrior(self._shelf.anchors)
        self._encoder = encoder

    @property
    def model(self) -> str:
        """Name of the set."""
        return self._shelf.name

    def draft(self, prompt: str, *, seed: int, size_m: float | None = None) -> Draft:
        """Return what to build; see `MeshGenerator.draft`."""
        text = english(prompt)
        said = describe(text)
        random = np.random.default_rng([seed & _SEED_BITS, 1])
        meaning = self._prior.meaning(text, self._encoder.encode([text])[0], random)
        model = self._shelf.model(meaning.anchor)
        kept = self._shelf.remade(meaning.anchor)
        color = named_color(text, said, meaning.caption, random)
        if color is not None:
            model = _recolored(model, color)
            kept = {budget: _recolored(small, color) for budget, small in kept.items()}
        size = size_m if size_m is not None else meaning.size_m * said.size
        material = outside_of(said, meaning.caption, meaning.category)
        return Draft(
            model=self.model,
            origin="retrieved",
            family=meaning.category,
            confidence=meaning.confidence,
            nearest=meaning.caption,
            levels=lambda budgets: model_levels(model, budgets, size_m=size, material=material, kept=kept),
            attribution=self._shelf.attributions[meaning.anchor],
        )


def _recolored(model: Model, color: Color) -> Model:
    colors = recolored(model.colors / 255, color)
    return Model(model.vertices, model.faces, (colors * 255).round().astype(np.uint8))
