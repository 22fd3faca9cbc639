"""Where the pictures that are judged come from, all behind one interface."""

from collections.abc import Callable
from typing import Protocol

import numpy as np

from vrbridge.errors import GeneratorFailed
from vrbridge.generators.text_encoder import SentenceEncoder
from vrbridge.generators.texture.drawing import TextureGenerator
from vrbridge.generators.texture.maps import TextureMaps, to_maps
from vrbridge.generators.texture.noise import blurred
from vrbridge.generators.texture.surface import Surface
from vrbridge.training.dataset import TextureData

_RELIEF_TILES = 0.03
_RELIEF_BLUR_TILES = 0.004
_ROUGHNESS = 0.8


class Textures(Protocol):
    """What is judged.

    Attributes:
        model: Its name in the table.
        takes_any_prompt: Whether it knows more than the captions of a data set.
    """

    @property
    def model(self) -> str: ...  # noqa: D102  # said above

    @property
    def takes_any_prompt(self) -> bool: ...  # noqa: D102  # said above

    def render(self, prompt: str, seed: int, size_px: int) -> TextureMaps:
        """Return the maps for a prompt.

        Raises:
            GeneratorFailed: If it has none.
        """
        ...


class Generated:
    """A generator of the product.

    Args:
        generator: Draws.
        model: Its name in the table; None: its own.
        roll_error: Its roll test, if it claims that shifted latents give shifted tiles.
    """

    takes_any_prompt = True

    def __init__(
        self,
        generator: TextureGenerator,
        roll_error: Callable[[], float] | None = None,
        *,
        model: str | None = None,
    ) -> None:
        self._generator = generator
        self._model = model or generator.model
        self._roll_error = roll_error

    @property
    def model(self) -> str:
        """Name of the generator."""
        return self._model

    def render(self, prompt: str, seed: int, size_px: int) -> TextureMaps:
        """Return the maps that a player would get."""
        return self._generator.drawing(prompt, seed=seed, size_px=size_px).maps()

    def roll_error(self) -> float | None:
        """Return the result of the roll test; None if the generator makes no such claim."""
        return self._roll_error() if self._roll_error is not None else None


class NearestPictures:
    """The training picture whose caption is closest to the prompt; of several with it the seed chooses.

    Args:
        data: Pictures.
        encoder: Says how close captions are.
    """

    model = "nearest training picture"
    takes_any_prompt = True

    def __init__(self, data: TextureData, encoder: SentenceEncoder) -> None:
        self._data = data
        self._encoder = encoder
        self._known: dict[str, list[int]] = {}
        self._indices = np.flatnonzero(~data.is_held_out)
        self._captions = [data.captions[i] for i in self._indices]
        self._sentences = encoder.encode(self._captions)

    def index(self, prompt: str, seed: int) -> int:
        """Return which picture it is."""
        if prompt not in self._known:
            best = self._captions[int((self._sentences @ self._encoder.encode([prompt])[0]).argmax())]
            pairs = zip(self._indices, self._captions, strict=True)
            self._known[prompt] = [int(index) for index, caption in pairs if caption == best]
        same = self._known[prompt]
        return same[seed % len(same)]

    def render(self, prompt: str, seed: int, size_px: int) -> TextureMaps:
        """Return the picture with its own maps, or maps read off its brightness."""
        return picture_maps(self._data, self.index(prompt, seed), size_px)


class HeldOutPictures:
    """The held-out pictures themselves: as good as it gets.

    Args:
        data: Pictures.
    """

    model = "held-out pictures"
    takes_any_prompt = False

    def __init__(self, data: TextureData) -> None:
        self._data = data
        self._indices = np.flatnonzero(data.is_held_out)

    def render(self, prompt: str, seed: int, size_px: int) -> TextureMaps:
        """Return the picture of that caption.

        Raises:
            GeneratorFailed: If none has it.
        """
        same = [int(i) for i in self._indices if self._data.captions[i] == prompt]
        if not same:
            raise GeneratorFailed("No held-out picture has this caption.")
        return picture_maps(self._data, same[seed % len(same)], size_px)


def seeds(count: int) -> tuple[int, ...]:
    """Return seeds that differ in their low bits and in their high ones.

    A generator may read layout from some bits and material from others; what is judged varies both.
    """
    return tuple(7919 * number for number in range(1, count + 1))


def picture_maps(data: TextureData, index: int, size_px: int) -> TextureMaps:
    """Return a picture of a data set as maps; what it has no map for is read off its brightness.

    Raises:
        ValueError: If the data set has another size.
    """
    color = np.asarray(data.color[index])
    if color.shape[0] != size_px:
        raise ValueError(f"These pictures have {color.shape[0]} px, not {size_px}.")
    chosen = np.array([index])
    (normal, has_normal), (gloss, has_gloss), (height, has_height) = (
        maps.of(chosen) for maps in (data.normal, data.gloss, data.height)
    )
    brightness = color.astype(np.float32).mean(2) / 255
    relief = height[0].astype(np.float32) / 255 if has_height[0] else blurred(brightness, _RELIEF_BLUR_TILES)
    rough = 1 - gloss[0].astype(np.float32) / 255 if has_gloss[0] else np.full_like(brightness, _ROUGHNESS)
    surface = Surface(
        height=relief * np.float32(_RELIEF_TILES),
        color=color.astype(np.float32) / np.float32(255),
        roughness=rough,
        metallic=np.zeros_like(brightness),
    )
    maps = to_maps(surface)
    # The picture as it is: its shadows are baked in already.
    return TextureMaps(color, normal[0] if has_normal[0] else maps.normal, maps.orm, maps.height)
