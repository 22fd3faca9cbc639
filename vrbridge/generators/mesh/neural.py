"""Things from a trained network: words choose a code, the seed draws a shape of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from vrbridge.errors import GeneratorFailed
from vrbridge.generators.glossary import english
from vrbridge.generators.mesh import shape_file
from vrbridge.generators.mesh.casting import WORKED_FACES, Colored, iter_casts
from vrbridge.generators.mesh.coloring import linear, recolored, toned
from vrbridge.generators.mesh.denoising import denoised
from vrbridge.generators.mesh.draft import Draft
from vrbridge.generators.mesh.extraction import Surface, coarse_surface_of, colors_at, surface_of, symmetric
from vrbridge.generators.mesh.outside import named_color, outside_of
from vrbridge.generators.mesh.prop import Prop, SurfaceMaterial
from vrbridge.generators.mesh.shape_prior import ShapePrior
from vrbridge.generators.mesh.shape_sampler import ShapeSampler, Solid
from vrbridge.generators.mesh.simplification import prepared
from vrbridge.generators.mesh.words import Description, describe
from vrbridge.generators.text_encoder import SentenceEncoder

_N_STEPS = 4
# Of a known code in what the flow starts from; the rest is noise.
_SHARE = 0.8
# Intersection over union with its mirror picture from which a shape is taken to be symmetric.
_SYMMETRIC = 0.8
# Added to logits: a little thicker is no further from real shapes, and thin parts hold together.
_LEAN = 0.4
# Below it the network does not think that anything is there.
_LEAST_LOGIT = -4.0
_LEAST_CELLS = 60
_SEED_SALT = 0x9E3779B9
_SEED_BITS = 0xFFFFFFFFFFFFFFFF


@dataclass(frozen=True, slots=True)
class ShapePlan:
    """Everything that decides what a thing looks like.

    Attributes:
        code: 512 numbers.
        colors: 64 numbers, colour code.
        anchor: Number of the known model whose code it is near to.
        sentence: 384 numbers, vector of the prompt.
        seed: Draws the rest.
        family: Kind of thing.
        confidence: 0–1.
        nearest: Caption of the nearest known model.
        size_m: Longest side.
        stretch: Factors on x, y and z.
        color: Oklab that the words name, or None.
        material: Of the outside.
    """

    code: tuple[float, ...]
    colors: tuple[float, ...]
    anchor: int
    sentence: tuple[float, ...]
    seed: int
    family: str
    confidence: float
    nearest: str
    size_m: float
    stretch: tuple[float, float, float]
    color: tuple[float, float, float] | None
    material: SurfaceMaterial


class NeuralMeshes:
    """Plans and builds things.

    Args:
        weights: File of a trained network.
        encoder: Sentence vectors.
        device: Of the network.

    Raises:
        ModelError: If the file is none.
    """

    def __init__(self, weights: Path, encoder: SentenceEncoder, device: str = "cpu") -> None:
        network = shape_file.read(weights)
        self._name = network.name
        self._sampler = ShapeSampler(network, torch.device(device))
        self._starts = network.starts
        self._color_space = network.color_space
        self._prior = ShapePrior(network.anchors)
        self._encoder = encoder

    @property
    def model(self) -> str:
        """Name of the network."""
        return self._name

    def draft(self, prompt: str, *, seed: int, size_m: float | None = None) -> Draft:
        """Return what to build; see `MeshGenerator.draft`."""
        plan = self.plan(prompt, seed=seed, size_m=size_m)
        return Draft(
            model=self.model,
            origin="generated",
            family=plan.family,
            confidence=plan.confidence,
            nearest=plan.nearest,
            levels=lambda budgets: self.levels(plan, budgets),
        )

    def plan(self, prompt: str, *, seed: int, size_m: float | None = None) -> ShapePlan:
        """Return the thing that a prompt asks for.

        Args:
            prompt: Any text; what fits nothing gets the nearest known thing and a low confidence.
            seed: 0 or more.
            size_m: Longest side in metres.
        """
        text = english(prompt)
        said = describe(text)
        random = np.random.default_rng([seed & _SEED_BITS, 1])
        sentence = self._encoder.encode([text])[0]
        meaning = self._prior.meaning(text, sentence, random)
        color = named_color(text, said, meaning.caption, random)
        return ShapePlan(
            code=meaning.code,
            colors=meaning.colors,
            anchor=meaning.anchor,
            sentence=tuple(float(value) for value in sentence),
            seed=seed,
            family=meaning.category,
            confidence=meaning.confidence,
            nearest=meaning.nearest,
            size_m=size_m if size_m is not None else meaning.size_m * said.size,
            stretch=_stretch(said),
            color=None if color is None else (float(color[0]), float(color[1]), float(color[2])),
            material=outside_of(said, meaning.caption, meaning.category),
        )

    def levels(
        self, plan: ShapePlan, budgets: Sequence[int], *, is_plain: bool = False
    ) -> Iterator[tuple[int, Prop]]:
        """Yield level and prop, coarsest first; see `Draft.levels`.

        Args:
            plan: From `plan`.
            budgets: Most faces of each level, finest first.
            is_plain: Without the flow, to compare.

        Raises:
            GeneratorFailed: If the network makes nothing, or no numbers.
        """
        solid = self.solid(plan, is_plain=is_plain)
        logits = _certain(solid.logits + np.float32(_LEAN))
        logits = _certain(symmetric(logits, least_overlap=_SYMMETRIC))
        surface = denoised(prepared(surface_of(logits), WORKED_FACES))
        srgb = toned(
            colors_at(surface.vertices, self._color_space.field(np.array(plan.colors, np.float32))),
            colors_at(surface.vertices, solid.color),
        )
        if plan.color is not None:
            srgb = recolored(srgb, np.array(plan.color, np.float32))
        yield from iter_casts(
            Colored(_stretched(surface, plan.stretch), linear(srgb)),
            budgets,
            size_m=plan.size_m,
            material=plan.material,
            coarser=lambda: _stretched(coarse_surface_of(logits), plan.stretch),
        )

    def solid(self, plan: ShapePlan, *, is_plain: bool = False) -> Solid:
        """Return the solid of a plan.

        Args:
            plan: From `plan`.
            is_plain: Without the flow.

        Raises:
            GeneratorFailed: If the network makes nothing, or no numbers.
        """
        code, sentence = np.array(plan.code, np.float32), np.array(plan.sentence, np.float32)
        # The nearer a drawn code is to a known one, the more of that shape's rest fits it.
        rest = self._starts.rest(plan.anchor)
        for steps in (0,) if is_plain else (_N_STEPS, 0):
            lattice = self._sampler.lattice(
                code, sentence, plan.seed ^ _SEED_SALT, n_steps=steps, share=_SHARE, rest=rest
            )
            solid = self._sampler.solid(lattice)
            if float(solid.logits.max()) > _LEAST_LOGIT:
                return solid
        raise GeneratorFailed("The network made an empty shape; try another prompt or seed.")


def _certain(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return logits of which some are above 0: of a shape so thin that no cell is sure, the surest are."""
    if (logits > 0).sum() >= _LEAST_CELLS:
        return logits
    level = np.partition(logits.reshape(-1), -_LEAST_CELLS)[-_LEAST_CELLS]
    return logits - np.float32(level) + np.float32(1e-3)


def _stretched(surface: Surface, factors: tuple[float, float, float]) -> Surface:
    return Surface(surface.vertices * np.array(factors), surface.faces)


def _stretch(said: Description) -> tuple[float, float, float]:
    return said.width**0.7, said.height**0.7, 1.0
