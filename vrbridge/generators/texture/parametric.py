"""Materials from rules: a prompt chooses family, colours and states; the seed the rest."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vrbridge.generators.glossary import english
from vrbridge.generators.text_encoder import SentenceEncoder
from vrbridge.generators.texture import MODEL, ground, living, masonry, metal, organic, smooth
from vrbridge.generators.texture.drawing import Drawing
from vrbridge.generators.texture.maps import TextureMaps, to_maps
from vrbridge.generators.texture.noise import Canvas
from vrbridge.generators.texture.overlays import OVERLAYS
from vrbridge.generators.texture.palette import (
    Color,
    brightness_shift,
    chosen_color,
    distance,
    is_like,
    is_tint,
    oklab_of_linear,
    parse_hex,
    recolored,
    toned,
    varied,
)
from vrbridge.generators.texture.surface import Family, Stops
from vrbridge.generators.texture.words import FAMILY_ANCHORS, OWN_WORDS, STATE_WORDS, states_of, words_of

FAMILIES: dict[str, Family] = {
    **masonry.FAMILIES,
    **ground.FAMILIES,
    **metal.FAMILIES,
    **organic.FAMILIES,
    **living.FAMILIES,
    **smooth.FAMILIES,
}

# Cosine at which a prompt is as likely as not to mean the family, and the width of that doubt.
_EVEN_COSINE = 0.54
_COSINE_WIDTH = 0.05
# What a family gains when the prompt says one of its own words.
_WORD_BONUS = 0.14
# Cosine to the phrase "a … surface" above which a state is meant without its word.
_STATE_COSINE = 0.62


@dataclass(frozen=True, slots=True)
class TexturePlan:
    """Everything that decides a material's pixels, besides their number.

    Attributes:
        family: Name of the material family.
        states: Overlays, in the order in which they are laid on.
        colors: Ramps of the family as (name, K sRGB colours in [0, 1]).
        seed: Varies the layout.
        confidence: How sure the family is meant, 0–1.
        nearest: The phrase that the prompt came closest to.
        metres_per_tile: Edge of the tile in a scene.
    """

    family: str
    states: tuple[str, ...]
    colors: tuple[tuple[str, tuple[tuple[float, ...], ...]], ...]
    seed: int
    confidence: float
    nearest: str
    metres_per_tile: float


class ParametricTextures:
    """Plans and renders seamless materials.

    Args:
        encoder: Says how close a prompt is to the families.
        device: Only "cpu": rules gain nothing from another.

    Raises:
        ValueError: If the device is another.
    """

    model = MODEL
    origin = "procedural"

    def __init__(self, encoder: SentenceEncoder, device: str = "cpu") -> None:
        if device != "cpu":
            raise ValueError(f"Parametric textures are made on the CPU, not on {device!r}.")
        self._encoder = encoder
        self._phrases = [(family, phrase) for family, phrases in FAMILY_ANCHORS.items() for phrase in phrases]
        self._states = list(STATE_WORDS)
        self._anchors = encoder.encode([phrase for _, phrase in self._phrases])  # (A, D)
        self._state_anchors = encoder.encode([f"a {state} surface" for state in self._states])
        self._own_words = [OWN_WORDS[family] for family, _ in self._phrases]

    def plan(
        self,
        prompt: str,
        *,
        seed: int,
        style: str | None = None,
        color: tuple[float, float, float] | None = None,
    ) -> TexturePlan:
        """Return what to draw for a prompt.

        Args:
            prompt: Any text.
            seed: Chooses the palette, its tone and the layout.
            style: More words, such as "dark and mossy"; they change colours and states, not the family.
            color: Linear red, green, blue that the material must have, whatever the words say.
        """
        prompt = english(prompt)
        vector = self._encoder.encode([prompt])[0]
        index, score = self._nearest(vector, words_of(prompt))
        family, phrase = self._phrases[index]
        described = f"{prompt} {english(style)}" if style else prompt
        states = states_of(words_of(described), family) or self._meant_states(vector, family)
        return TexturePlan(
            family=family,
            states=states,
            colors=_colors(FAMILIES[family], described, seed, color),
            seed=seed,
            confidence=round(float(1 / (1 + np.exp(-(score - _EVEN_COSINE) / _COSINE_WIDTH))), 3),
            nearest=phrase,
            metres_per_tile=FAMILIES[family].metres_per_tile,
        )

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
        plan = self.plan(prompt, seed=seed, style=style, color=color)
        return Drawing(
            model=self.model,
            origin=self.origin,
            family=plan.family,
            confidence=plan.confidence,
            nearest=plan.nearest,
            metres_per_tile=plan.metres_per_tile,
            preview=lambda preview_px: self.render(plan, preview_px).base_color,
            maps=lambda: self.render(plan, size_px),
        )

    def batch_size(self, size_px: int) -> int:
        """Return 1: rules have no pass to share."""
        return 1

    def render(self, plan: TexturePlan, size_px: int) -> TextureMaps:
        """Return the maps of a plan; the same plan looks the same at every size.

        Args:
            plan: From `plan`.
            size_px: Edge, a power of two from 64 to 2048.

        Raises:
            ValueError: If the size is another.
        """
        if size_px & (size_px - 1) or not 64 <= size_px <= 2048:
            raise ValueError(f"A texture's edge is a power of two from 64 to 2048, not {size_px}.")
        canvas = Canvas(size_px, plan.seed & 0xFFFFFFFFFFFFFFFF)
        palette = {name: np.array(stops, np.float32) for name, stops in plan.colors}
        surface = FAMILIES[plan.family].paint(canvas, palette)
        for state in plan.states:
            OVERLAYS[state](canvas, surface)
        return to_maps(surface)

    def _nearest(self, vector: npt.NDArray[np.float32], words: list[str]) -> tuple[int, float]:
        """Return the index of the nearest anchor and its score."""
        scores = self._anchors @ vector
        singular = {w for word in words for w in (word, word.removesuffix("s"))}
        spoken = np.array([bool(singular & own) for own in self._own_words])
        scores = scores + np.float32(_WORD_BONUS) * spoken
        index = int(scores.argmax())
        return index, float(scores[index])

    def _meant_states(self, vector: npt.NDArray[np.float32], family: str) -> tuple[str, ...]:
        """Return the state that the whole prompt means although no word names it."""
        scores = self._state_anchors @ vector
        best = int(scores.argmax())
        return states_of([self._states[best]], family) if scores[best] > _STATE_COSINE else ()


def _colors(
    family: Family, described: str, seed: int, fixed: tuple[float, float, float] | None
) -> tuple[tuple[str, tuple[tuple[float, ...], ...]], ...]:
    """Return the family's ramps as the words and the seed want them."""
    random = np.random.default_rng([seed & 0xFFFFFFFFFFFFFFFF, 1])
    drawn = int(random.integers(len(family.palettes)))
    color, strength = _wanted_color(family, described, fixed)
    shift = brightness_shift(described) if color is None else 0.0
    if color is None:
        chosen = family.palettes[drawn]
    else:
        chosen = min(family.palettes, key=lambda palette: distance(parse_hex(palette["main"]), color))
    ramps: dict[str, Stops] = varied({n: parse_hex(text) for n, text in chosen.items()}, random, shift)
    if color is not None:
        # "Red brick" means what bricks look like, not red paint.
        strength = 0.2 if fixed is None and is_like(ramps["main"], color) else strength
        ramps["main"] = recolored(ramps["main"], color, strength)
        if "second" in ramps:
            ramps["second"] = recolored(ramps["second"], color, 0.6 * strength)
    return tuple(
        (name, tuple(tuple(round(float(c), 5) for c in stop) for stop in stops))
        for name, stops in ramps.items()
    )


def _wanted_color(
    family: Family, described: str, fixed: tuple[float, float, float] | None
) -> tuple[Color | None, float]:
    """Return the colour (3,) in Oklab that the material should have, if any, and how strictly, 0–1."""
    if fixed is not None:
        # Shadows in the grain take chroma away; what is seen from afar should be the colour asked for.
        return oklab_of_linear(fixed) * np.array([1.0, 1.2, 1.2], np.float32), 1.0
    color = chosen_color(described)
    if color is not None:
        return color, 0.55 if is_tint(described) else 1.0
    tones = [family.tones[word] for word in words_of(described) if word in family.tones]
    return (toned(tones[0], brightness_shift(described)), 0.9) if tones else (None, 0.0)
