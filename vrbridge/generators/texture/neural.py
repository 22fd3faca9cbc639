"""Materials from a trained network: words choose a code, the seed draws a tile of it."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from vrbridge.generators.glossary import english
from vrbridge.generators.text_encoder import SentenceEncoder
from vrbridge.generators.texture import network_file
from vrbridge.generators.texture.autoencoder import LATTICE_PX
from vrbridge.generators.texture.drawing import Drawing
from vrbridge.generators.texture.maps import TextureMaps, to_maps
from vrbridge.generators.texture.noise import Canvas, smooth
from vrbridge.generators.texture.overlays import OVERLAYS
from vrbridge.generators.texture.palette import Color, chosen_color, is_tint, oklab_of_linear
from vrbridge.generators.texture.sampler import TextureSampler
from vrbridge.generators.texture.surface import Surface
from vrbridge.generators.texture.text_prior import Meaning, TextPrior, mixture_of, names_patches, tints
from vrbridge.generators.texture.tile import Tile, usual_pass
from vrbridge.generators.texture.words import STATE_WORDS, states_of, words_of

_MIN_MIXTURE_CONFIDENCE = 0.45
# So sure of the whole prompt, a known picture shows both materials as they lie.
_KNOWN_MIXTURE = 0.97
# The pictures that it learned from show about two metres of ground or wall on 32 points.
_METRES_PER_POINT = 2.0 / 32
# The lowest bits of a seed lay out the tile, the others vary the material.
_LAYOUT_BITS = 8
# How far the words "reddish" and "red" draw the mean colour to red.
_TINT = 0.4
_COLORED = 0.7
_NAMED = 0.2
_SEED_BITS = 0xFFFFFFFFFFFFFFFF
# In tiles: how deep dark places lie, for overlays that gather in hollows, as long as there is no height.
_PREVIEW_RELIEF = 0.02


@dataclass(frozen=True, slots=True)
class NeuralPlan:
    """Everything that decides a material's pixels, besides their number.

    Attributes:
        codes: Of the material, and of a second one that lies on it in patches, if any; 64 numbers each.
        layouts: Numbers and categories of layouts that each starts from; None: from nothing.
        states: Overlays, in the order in which they are laid on.
        seed: Draws the tile.
        family: Category of the nearest known picture.
        confidence: How sure the prompt is understood, 0–1.
        nearest: Caption of the nearest known picture.
        is_own: Whether that is a user's own.
    """

    codes: tuple[tuple[float, ...], ...]
    layouts: tuple[tuple[int, str] | None, ...]
    states: tuple[str, ...]
    seed: int
    family: str
    confidence: float
    nearest: str
    is_own: bool


class NeuralTextures:
    """Plans and draws seamless materials.

    Args:
        weights: File of a trained network.
        encoder: Sentence vectors.
        device: Of the network.
        clock: In seconds; says what is quicker.

    Raises:
        ModelError: If the file is none.
    """

    def __init__(
        self,
        weights: Path,
        encoder: SentenceEncoder,
        device: str = "cpu",
        *,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        network = network_file.read(weights)
        self._name = network.name
        self._sampler = TextureSampler(network, torch.device(device), clock=clock)
        self._anchors = network.anchors
        self._layouts = network.layouts
        self._prior = TextPrior(network.anchors, network.layouts.anchors)
        self._encoder = encoder

    origin = "generated"

    @property
    def model(self) -> str:
        """Name of the network."""
        return self._name

    def plan(
        self,
        prompt: str,
        *,
        seed: int,
        style: str | None = None,
        color: tuple[float, float, float] | None = None,
    ) -> NeuralPlan:
        """Return what to draw for a prompt.

        Args:
            prompt: Any text.
            seed: All but the lowest 8 bits vary the material, those draw the tile.
            style: More words, such as "dark and mossy".
            color: Linear red, green, blue that the material must have, whatever the words say.
        """
        text = english(prompt)
        described = f"{text} {english(style)}" if style else text
        random = np.random.default_rng([(seed & _SEED_BITS) >> _LAYOUT_BITS, 1])
        wanted = oklab_of_linear(color) if color is not None else chosen_color(described)
        whole = self._meaning(described, random, wanted)
        meanings = self._mixture(described, random, whole) or [whole]
        known = set(words_of(" ".join(meaning.caption for meaning in meanings)))
        spoken = words_of(described)
        states = tuple(
            state
            for state in states_of(spoken, meanings[0].category)
            if not known.intersection(STATE_WORDS[state]) and state not in {m.category for m in meanings}
        )
        codes = [meaning.code for meaning in meanings]
        # In a mixture each part has its own colour.
        if wanted is not None and (color is not None or len(meanings) == 1):
            strength = 1.0 if color is not None else _strength(described, meanings[0].caption)
            codes[0] = self._anchors.toward(codes[0], wanted, strength)
        return NeuralPlan(
            codes=tuple(tuple(round(float(v), 4) for v in code) for code in codes),
            layouts=tuple((m.layout, m.category) if m.layout is not None else None for m in meanings),
            states=states,
            seed=seed,
            family=meanings[0].category,
            confidence=min(meaning.confidence for meaning in meanings),
            nearest=whole.nearest,
            is_own=whole.is_own,
        )

    def _mixture(self, text: str, random: np.random.Generator, whole: Meaning) -> list[Meaning] | None:
        """Return the two materials that a text names, unless known pictures show both as well."""
        parts = mixture_of(text)
        if parts is None or (whole.confidence > _KNOWN_MIXTURE and not names_patches(text)):
            return None
        ground, patches = (self._meaning(part, random, chosen_color(part)) for part in parts)
        sure = min(ground.confidence, patches.confidence)
        is_needed = sure > max(_MIN_MIXTURE_CONFIDENCE, 0.8 * whole.confidence)
        return [ground, patches] if is_needed and ground.category != patches.category else None

    def preview(self, plan: NeuralPlan, size_px: int, preview_px: int) -> npt.NDArray[np.uint8]:
        """Return a small picture of what `render` is going to make.

        Where the picture has only a few pixels a lattice point, it shows the structure that the tile starts
        from, in its final colours: the network only moves small things after that.

        Args:
            plan: From `plan`.
            size_px: Edge of the material.
            preview_px: Edge of the picture, a power of two of at most `size_px`.

        Returns:
            (preview_px, preview_px, 3) uint8, sRGB.
        """
        return self._previewed(plan, self.tile(plan, size_px), preview_px)

    def drawing(
        self,
        prompt: str,
        *,
        seed: int,
        size_px: int,
        style: str | None = None,
        color: tuple[float, float, float] | None = None,
    ) -> Drawing:
        """Return what to draw; see `TextureGenerator.drawing`."""
        return self.drawing_of(self.plan(prompt, seed=seed, style=style, color=color), size_px)

    def drawing_of(self, plan: NeuralPlan, size_px: int) -> Drawing:
        """Return a plan at one size."""
        tile = self.tile(plan, size_px)
        return Drawing(
            model=self.model,
            origin=self.origin,
            family=plan.family,
            confidence=plan.confidence,
            nearest=plan.nearest,
            metres_per_tile=round(_METRES_PER_POINT * size_px / LATTICE_PX, 3),
            preview=lambda preview_px: self._previewed(plan, tile, preview_px),
            maps=lambda: self._rendered(plan, tile),
            tile=tile,
        )

    def render(self, plan: NeuralPlan, size_px: int) -> TextureMaps:
        """Return the maps of a plan.

        Args:
            plan: From `plan`.
            size_px: Edge, a multiple of 64 up to 2048; a larger tile shows more of the material.

        Raises:
            ValueError: If the size is another.
            GeneratorFailed: If the network makes something that is no number.
        """
        return self._rendered(plan, self.tile(plan, size_px))

    def batch_size(self, size_px: int) -> int:
        """Return how many are worth drawing together; see `TextureGenerator.batch_size`."""
        return self._sampler.check.largest(usual_pass(size_px // LATTICE_PX))

    def tile(self, plan: NeuralPlan, size_px: int) -> Tile:
        """Return what the network draws for a plan at one size.

        Raises:
            ValueError: If the size is none of those of `render`.
        """
        _check_size(size_px)
        size = size_px // LATTICE_PX
        return Tile(
            self._sampler, seed=plan.seed, code=_code(plan, size), layout=self._start(plan, size), size=size
        )

    def _previewed(self, plan: NeuralPlan, tile: Tile, preview_px: int) -> npt.NDArray[np.uint8]:
        if tile.is_coarser_than(preview_px):
            color = self._sampler.preview(tile.outline())
        else:
            color = tile.surface().color
        step = color.shape[0] // preview_px
        color = color.reshape(preview_px, step, preview_px, step, 3).mean((1, 3))
        surface = Surface(
            height=color.mean(2) * np.float32(_PREVIEW_RELIEF),
            color=color,
            roughness=np.full(color.shape[:2], 0.8, np.float32),
            metallic=np.zeros(color.shape[:2], np.float32),
        )
        self._lay_over(plan, surface)
        return to_maps(surface).base_color

    def _rendered(self, plan: NeuralPlan, tile: Tile) -> TextureMaps:
        surface = tile.surface()
        tile.forget_painting()
        self._lay_over(plan, surface)
        return to_maps(surface)

    def _start(self, plan: NeuralPlan, size: int) -> Tensor | None:
        """Return the structure to start from, or None where a material has none."""
        layouts = [layout for layout in plan.layouts if layout is not None]
        if len(layouts) < len(plan.codes):
            return None
        starts = [
            self._layouts.laid_out(number, category, plan.seed & _SEED_BITS, size)
            for number, category in layouts
        ]
        return starts[0] if len(starts) == 1 else torch.lerp(starts[0], starts[1], _patches(plan.seed, size))

    def _lay_over(self, plan: NeuralPlan, surface: Surface) -> None:
        if not plan.states:
            return
        canvas = Canvas(surface.height.shape[0], plan.seed & _SEED_BITS)
        for state in plan.states:
            OVERLAYS[state](canvas, surface)

    def _meaning(self, text: str, random: np.random.Generator, color: Color | None) -> Meaning:
        return self._prior.meaning(text, self._encoder.encode([text])[0], random, color)


def _strength(described: str, caption: str) -> float:
    """Return how far the words draw the colour: "red brick" means what is called so, not red paint."""
    if is_tint(described):
        return _TINT
    return _NAMED if tints(described) <= tints(caption) else _COLORED


def _check_size(size_px: int) -> None:
    if size_px % 64 or not 64 <= size_px <= 2048:
        raise ValueError(f"A texture's edge is a multiple of 64 from 64 to 2048, not {size_px}.")


def _code(plan: NeuralPlan, size: int) -> Tensor:
    """Return the codes of all places, (1, 64, 1, 1) or (1, 64, size, size)."""
    codes = [torch.tensor(code)[None, :, None, None] for code in plan.codes]
    return codes[0] if len(codes) == 1 else torch.lerp(codes[0], codes[1], _patches(plan.seed, size))


def _patches(seed: int, size: int) -> Tensor:
    """Return where the second material lies, (1, 1, size, size) in [0, 1]."""
    canvas = Canvas(size, seed & _SEED_BITS)
    mask = smooth(canvas.fbm("patches", max(2, size // 16), octaves=3, gain=0.45), 0.0, 0.3)
    return torch.from_numpy(mask)[None, None]
