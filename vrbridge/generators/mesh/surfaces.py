"""What things are made of: colours, metalness, roughness, and words for a texture generator."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vrbridge.generators.mesh.prop import Lie, SurfaceMaterial

Hex = int


@dataclass(frozen=True, slots=True)
class Substance:
    """A material before colour is chosen.

    Args:
        colors: sRGB, one is chosen by the seed.
        metallic: 0–1.
        roughness: 0–1.
        prompt: Words for a texture generator.
        lie: How the picture lies on a piece.
    """

    colors: tuple[Hex, ...]
    metallic: float
    roughness: float
    prompt: str
    lie: Lie = "level"


SUBSTANCES = {
    "wood": Substance((0xA8733F, 0x9A6637, 0xB07F4C, 0x8C5A30), 0, 0.8, "oak wood grain", "along"),
    "dark wood": Substance((0x6B4429, 0x5C3A24, 0x75502F), 0, 0.75, "dark walnut wood grain", "along"),
    "pale wood": Substance((0xCFA873, 0xC79D66, 0xD6B584), 0, 0.8, "pale birch wood grain", "along"),
    "bark": Substance((0x6A4E38, 0x5A4330, 0x755A42), 0, 0.95, "tree bark", "upward"),
    "leaves": Substance((0x5E8C3A, 0x4F7F35, 0x6E9A3F, 0x7BA046), 0, 0.9, "dense green leaves"),
    "needles": Substance((0x3C6B45, 0x335E42, 0x477650), 0, 0.9, "dense conifer needles"),
    "grass": Substance((0x78A048, 0x6A9440), 0, 0.95, "short green grass"),
    "stone": Substance((0x8F8B83, 0x85857F, 0x9A948A, 0x7C7D80), 0, 0.9, "rough rock surface"),
    "masonry": Substance((0x8F8B83, 0x85857F, 0x9A948A, 0x7C7D80), 0, 0.9, "stone wall of blocks", "wrapped"),
    "marble": Substance((0xE4DFD5, 0xDAD8D4), 0, 0.35, "polished white marble"),
    "brick": Substance((0xA5563F, 0x984C39), 0, 0.9, "old red brick wall", "wrapped"),
    "plaster": Substance((0xDCCFB4, 0xE2D8C3, 0xD2BE9B), 0, 0.95, "plaster wall"),
    "clay": Substance((0xBA6B45, 0xB0603C, 0xC47C54), 0, 0.8, "terracotta clay", "wrapped"),
    "ceramic": Substance((0xC9CFCB, 0x5E87A3, 0xA3B8A2), 0, 0.3, "smooth glazed porcelain"),
    "thatch": Substance((0xB7954F, 0xA88745), 0, 1.0, "thatched straw roof", "wrapped"),
    "shingles": Substance((0x8A4B3A, 0x6C5648, 0x57606B), 0, 0.85, "wooden roof shingles", "wrapped"),
    "straw": Substance((0xCDB068, 0xC2A35A), 0, 1.0, "dry straw", "upward"),
    "iron": Substance((0x5B5E63, 0x4F5257, 0x66686B), 0.85, 0.5, "dark wrought iron"),
    "rusty iron": Substance((0x8A4F2E, 0x7A462B), 0.5, 0.85, "rusty iron"),
    "steel": Substance((0xB9BEC4, 0xAEB4BB), 0.95, 0.3, "brushed steel", "along"),
    "gold": Substance((0xE2B04A, 0xD9A441), 1.0, 0.25, "polished gold metal", "along"),
    "brass": Substance((0xC09A4C, 0xB48E45), 0.95, 0.35, "old brass metal"),
    "bronze": Substance((0x9C6B3C, 0x8F6238), 0.95, 0.4, "hammered bronze"),
    "copper": Substance((0xB87048, 0xAD6540), 0.95, 0.35, "hammered copper metal"),
    "silver": Substance((0xD4D6D8, 0xCACDD0), 1.0, 0.25, "polished silver metal", "along"),
    "leather": Substance((0x7A4A2B, 0x67402A, 0x553423), 0, 0.7, "brown leather"),
    "cloth": Substance(
        (0x9C3D3A, 0x3F5F8A, 0x6B7A45, 0x7D4F7C, 0xC4A35A), 0, 0.95, "woven wool fabric", "along"
    ),
    "velvet": Substance((0x7C2430, 0x2F4A7A, 0x2F5A3E, 0x5C3A6E), 0, 0.95, "soft velvet"),
    "linen": Substance((0xE3DBC8, 0xD8CDB6), 0, 0.95, "linen fabric", "wrapped"),
    "burlap": Substance((0xA98C5F, 0xB5996B, 0x9A7E55), 0, 0.95, "coarse burlap cloth", "wrapped"),
    "rope": Substance((0xB79B66, 0xA98D5A), 0, 0.95, "coarse burlap cloth", "along"),
    "hay": Substance((0xC9A955, 0xBD9C49), 0, 1.0, "dry hay"),
    "rug border": Substance((0xC8A565, 0xB98F4E), 0, 0.95, "soft velvet"),
    "petal": Substance((0xC94A5E, 0xE0B040, 0x8E5BB5, 0xE8DFE4), 0, 0.7, "soft velvet"),
    "cactus": Substance((0x5E8A4B, 0x527D48), 0, 0.7, "leather skin"),
    "drink": Substance((0x5A2E1A, 0x6E1F2C), 0, 0.15, "calm lake water"),
    "paper": Substance((0xE9DFC3, 0xE3D6B4), 0, 0.95, "parchment paper"),
    "glass": Substance((0x7FA79A, 0x6E9B73, 0x8FB2B8), 0, 0.1, "smooth tinted glass"),
    "glow": Substance((0xFFD98A, 0xFFCB6B), 0, 0.6, "smooth glowing glass"),
    "flame": Substance((0xFF9A3C, 0xFFB04A), 0, 0.8, "smooth glowing glass"),
    "mushroom cap": Substance((0xC0392F, 0xB9632F, 0x9C5A3C), 0, 0.5, "smooth wax skin"),
    "mushroom stem": Substance((0xE6DBC4, 0xDFD2B8), 0, 0.85, "pale smooth bone"),
    "cream": Substance((0xF0E8D4,), 0, 0.8, "smooth white wax"),
    "crystal": Substance((0x8FC7E8, 0xB08FE0, 0x7FE0C4), 0, 0.15, "clear crystal glass"),
    "ice": Substance((0xBFE0F0,), 0, 0.15, "frozen ice"),
    "bone": Substance((0xDDD3B8,), 0, 0.7, "smooth bone"),
    "plastic": Substance((0xC94A3E, 0x3F7FB5, 0xE0B040), 0, 0.45, "smooth plastic"),
    "concrete": Substance((0xA3A19B, 0x999890), 0, 0.9, "rough concrete"),
    "water": Substance((0x3F7C97,), 0, 0.08, "calm lake water"),
    "moss": Substance((0x76806A, 0x6E7B5E), 0, 1.0, "mossy rock"),
    "snow": Substance((0xEEF3F7,), 0, 0.9, "fresh snow"),
    "ash": Substance((0x3A3634,), 0, 1.0, "black coal"),
}

SUBSTANCE_WORDS = {
    "wood": "wooden wood oak oaken timber log plank planks",
    "dark wood": "walnut mahogany ebony rosewood teak",
    "pale wood": "pine birch maple bamboo wicker",
    "stone": "stone granite cobblestone rock rocky sandstone slate limestone basalt",
    "marble": "marble alabaster",
    "brick": "brick bricks",
    "plaster": "plaster stucco plastered whitewashed",
    "clay": "clay terracotta earthenware",
    "ceramic": "ceramic porcelain china glazed",
    "thatch": "thatched thatch",
    "straw": "straw hay",
    "iron": "iron metal metallic wrought",
    "rusty iron": "rusty rusted corroded",
    "steel": "steel chrome aluminium aluminum",
    "gold": "gold golden gilded",
    "brass": "brass",
    "bronze": "bronze",
    "copper": "copper",
    "silver": "silver silvery",
    "leather": "leather",
    "cloth": "cloth fabric upholstered wool",
    "velvet": "velvet plush",
    "glass": "glass",
    "crystal": "crystal crystalline amethyst gem diamond",
    "ice": "ice icy frozen",
    "bone": "bone bones ivory",
    "plastic": "plastic",
    "concrete": "concrete cement",
    "moss": "mossy overgrown",
    "snow": "snowy snow",
}
SUBSTANCE_OF = {word: name for name, words in SUBSTANCE_WORDS.items() for word in words.split()}

COLORS: dict[str, Hex] = {
    "red": 0xB03A30, "crimson": 0x8F2233, "scarlet": 0xC23325, "orange": 0xD07A2E, "yellow": 0xDDB540,
    "green": 0x5B8A44, "olive": 0x75793F, "teal": 0x3A8382, "turquoise": 0x49AFA5, "blue": 0x3D64A6,
    "navy": 0x2B3D66, "purple": 0x75489A, "violet": 0x8258B5, "pink": 0xD98BA6, "magenta": 0xB0418E,
    "white": 0xE8E5DF, "black": 0x2C2B2D, "grey": 0x86868A, "gray": 0x86868A, "brown": 0x7C5334,
    "beige": 0xD2BF9E, "autumn": 0xC9772B, "dark": 0x4C4440,
}  # fmt: skip


def surface_of(name: str, role: str, rng: np.random.Generator, color: str | None = None) -> SurfaceMaterial:
    """Return a substance in one of its colours.

    Args:
        name: Key of `SUBSTANCES`.
        role: Makes the material's name unique within a prop.
        rng: Chooses and varies the colour.
        color: Key of `COLORS` that wins over the substance's own.
    """
    substance = SUBSTANCES[name]
    choice = substance.colors[int(rng.integers(len(substance.colors)))]
    variation = rng.uniform(0.94, 1.06, 3)
    rgb = linear(COLORS[color] if color else choice) * variation
    r, g, b = (round(float(value), 4) for value in np.clip(rgb, 0, 1))
    prompt = substance.prompt
    if color:
        prompt = " ".join([color, *(word for word in prompt.split() if word not in COLORS)])
    return SurfaceMaterial(
        f"{role} {name}", (r, g, b, 1.0), substance.metallic, substance.roughness, prompt, substance.lie
    )


def linear(color: Hex) -> NDArray[np.float64]:
    """Return (3,) linear red, green, blue of an sRGB colour."""
    srgb = np.array([color >> 16 & 255, color >> 8 & 255, color & 255]) / 255
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
