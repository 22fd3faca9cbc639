"""Colour words, and how they change the ramps of a material."""

import re
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from vrbridge.generators.texture.surface import Palette, Stops

Color = npt.NDArray[np.float32]

COLORS: Mapping[str, str] = {
    "red": "a3241f", "crimson": "8f1429", "scarlet": "b8200f", "maroon": "5e1420", "burgundy": "5c1226",
    "orange": "cc6a1c", "amber": "c98a1e", "terracotta": "b5603f", "copper": "a8623d", "yellow": "d1ae2c",
    "golden": "c29a35", "gold": "c79a2f", "ochre": "b58530", "mustard": "b58f24", "green": "3f7a35",
    "emerald": "14804f", "olive": "6b6b2e", "lime": "8fbf2a", "mint": "9fd0b0", "jade": "2f8a68",
    "teal": "1d7a78", "turquoise": "2fa7a0", "cyan": "35b5c4", "aqua": "4fc0c0", "blue": "2c569c",
    "navy": "1b2a52", "azure": "3c86cc", "cobalt": "20489c", "indigo": "36307e", "purple": "653587",
    "violet": "7646a0", "lavender": "a592c4", "lilac": "b59ac6", "magenta": "a82a7c", "pink": "d2839b",
    "rose": "c4687c", "salmon": "d98a74", "brown": "6b4529", "chocolate": "482a18", "tan": "b8966c",
    "beige": "cdb993", "cream": "e6dabd", "ivory": "ece5d2", "white": "e6e5e1", "black": "232323",
    "charcoal": "35363a", "grey": "858585", "gray": "858585", "silver": "b5b7ba", "bronze": "8a6238",
    "brass": "b08c42", "sandy": "cdb181", "ebony": "2b211b",
}  # fmt: skip
_SHIFTS: Mapping[str, float] = {
    "dark": -0.13, "deep": -0.1, "light": 0.12, "pale": 0.15, "bright": 0.08, "pastel": 0.17, "faded": 0.06,
}  # fmt: skip
_CHROMA: Mapping[str, float] = {
    "pale": 0.6,
    "pastel": 0.55,
    "faded": 0.6,
    "bright": 1.35,
    "vivid": 1.5,
    "deep": 1.1,
}

_LMS = np.array(
    [[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566],
     [0.0883024619, 0.2817188376, 0.6299787005]]
)  # fmt: skip
_LAB = np.array(
    [[0.2104542553, 0.7936177850, -0.0040720468], [1.9779984951, -2.4285922050, 0.4505937099],
     [0.0259040371, 0.7827717662, -0.8086757660]]
)  # fmt: skip


def parse_hex(text: str) -> Stops:
    """Return (K, 3) for colours like `4f2018 7c3424`."""
    values = [[int(word[i : i + 2], 16) / 255 for i in (0, 2, 4)] for word in text.split()]
    return np.array(values, np.float32)


def color_words(prompt: str) -> list[str]:
    """Return the colour words of a prompt in their order, `reddish` as `red`."""
    named = (_color_of(word) for word in re.findall(r"[a-z]+", prompt.lower()))
    return [color for color in named if color is not None]


def is_tint(prompt: str) -> bool:
    """Return whether the prompt's first colour is only a leaning: `reddish`."""
    words = [word for word in re.findall(r"[a-z]+", prompt.lower()) if _color_of(word) is not None]
    return bool(words) and words[0].endswith("ish")


def _color_of(word: str) -> str | None:
    stem = word.removesuffix("ish").removesuffix("coloured").removesuffix("colored")
    undoubled = stem[:-1] if stem[-2:-1] == stem[-1:] else stem
    return next((name for name in (word, stem, undoubled, stem + "e") if name in COLORS), None)


def chosen_color(prompt: str) -> Color | None:
    """Return the colour that a prompt asks for as (3,) Oklab, or None."""
    words = color_words(prompt)
    if not words:
        return None
    color: Color = to_oklab(parse_hex(COLORS[words[0]]))[0]
    modifiers = re.findall(r"[a-z]+", prompt.lower())
    color[0] = np.clip(color[0] + sum(_SHIFTS.get(word, 0.0) for word in modifiers), 0.12, 0.95)
    for word in modifiers:
        color[1:] *= _CHROMA.get(word, 1.0)
    return color


def toned(tone: str, shift: float) -> Color:
    """Return a hex colour as (3,) Oklab, its lightness shifted."""
    color: Color = to_oklab(parse_hex(tone))[0]
    color[0] = np.clip(color[0] + shift, 0.12, 0.95)
    return color


def oklab_of_linear(color: tuple[float, float, float]) -> Color:
    """Return (3,) Oklab of linear red, green, blue."""
    linear = np.array([color])
    srgb = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    oklab: Color = to_oklab(srgb.astype(np.float32))[0]
    return oklab


def brightness_shift(prompt: str) -> float:
    """Return how much lighter (or darker, below 0) the words want the material, in Oklab lightness."""
    return sum(_SHIFTS.get(word, 0.0) for word in re.findall(r"[a-z]+", prompt.lower()))


def recolored(stops: Stops, color: Color, strength: float) -> Stops:
    """Return a ramp around another colour that keeps its contrast.

    Args:
        stops: (K, 3) sRGB.
        color: (3,) Oklab.
        strength: 1 replaces the hue wholly, 0 nothing.
    """
    lab = to_oklab(stops)
    middle = lab.mean(0)
    target = lab - middle
    target[:, 1:] *= 0.35
    # A light colour leaves less room above it, a dark one less below.
    target[:, 0] *= min(1.0, 2.6 * float(color[0]), 6.0 * (1.02 - float(color[0])))
    # Shadows carry less chroma than lights.
    target[:, 1:] += color[1:] * np.clip(0.75 + 0.5 * (lab[:, :1] - middle[0]) / 0.3, 0.4, 1.1)
    target[:, 0] += color[0]
    return from_oklab(lab + (target - lab) * np.float32(strength))


def distance(stops: Stops, color: Color) -> float:
    """Return how far a ramp's mean is from a colour (3,) in Oklab; hue counts more than lightness."""
    apart = to_oklab(stops).mean(0) - color
    return float(np.hypot(apart[0], 3 * np.hypot(apart[1], apart[2])))


def is_like(stops: Stops, color: Color) -> bool:
    """Return whether a ramp already has about the hue and lightness of a colour (3,) in Oklab."""
    lightness, *hue = to_oklab(stops).mean(0)
    own = np.array(hue)
    lengths = float(np.hypot(*own)) * float(np.hypot(*color[1:]))
    is_hue = lengths > 0.03 * 0.03 and float(own @ color[1:]) > 0.92 * lengths
    return is_hue and abs(float(lightness - color[0])) < 0.12


def varied(palette: Palette, random: np.random.Generator, shift: float) -> dict[str, Stops]:
    """Return the palette with a small chance change of tone and a given change of lightness."""
    changed = {}
    for name, stops in palette.items():
        lab = to_oklab(stops)
        lab += random.normal(0, (0.018, 0.006, 0.006)).astype(np.float32)
        lab[:, 0] += np.float32(shift if name == "main" else shift * 0.5)
        changed[name] = from_oklab(lab)
    return changed


def to_oklab(srgb: Stops) -> Stops:
    """Return (K, 3) Oklab of (K, 3) sRGB.

    Source:
        Björn Ottosson, "A perceptual color space for image processing", 2020.
    """
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    lab: Stops = (np.cbrt(linear @ _LMS.T) @ _LAB.T).astype(np.float32)
    return lab


def from_oklab(lab: Stops) -> Stops:
    """Return (K, 3) sRGB in [0, 1] of (K, 3) Oklab."""
    linear = np.clip((lab @ np.linalg.inv(_LAB).T) ** 3 @ np.linalg.inv(_LMS).T, 0, 1)
    srgb: Stops = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055).astype(
        np.float32
    )
    return srgb
