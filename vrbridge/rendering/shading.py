"""How surfaces look in light: one lamp, a sky, and the way from light to picture values."""

from typing import Final

import numpy as np
import numpy.typing as npt

from vrbridge.rendering.raster import Floats

# Linear radiance of what surrounds a thing.
_SKY: Final = np.array([0.50, 0.58, 0.70], np.float32)
_GROUND: Final = np.array([0.24, 0.22, 0.20], np.float32)
_DIELECTRIC: Final = 0.04
# Below this a highlight is smaller than a pixel and only flickers.
_MIN_ROUGHNESS: Final = 0.08


def shade(
    *,
    albedo: Floats,
    normal: Floats,
    to_eye: Floats,
    to_light: Floats,
    light: Floats,
    occlusion: Floats,
    roughness: Floats,
    metallic: Floats,
) -> Floats:
    """Return the light that leaves a surface towards the eye.

    Args:
        albedo: (…, 3) linear.
        normal: (…, 3) unit.
        to_eye: (…, 3) unit.
        to_light: (…, 3) unit.
        light: (…, 3) or (…, 1) radiance of the lamp where it arrives, shadows included.
        occlusion: (…, 1); 1 is open to the sky.
        roughness: (…, 1).
        metallic: (…, 1).

    Returns:
        (…, 3) linear, not bounded by 1.

    Source:
        glTF 2.0, appendix B: GGX distribution, Schlick Fresnel, Smith visibility.
    """
    roughness = np.maximum(roughness, _MIN_ROUGHNESS)
    alpha2 = roughness**4
    specular_color = _DIELECTRIC + (albedo - _DIELECTRIC) * metallic
    diffuse_color = albedo * (1 - metallic)
    half = unit(to_light + to_eye)
    n_light = _dot(normal, to_light).clip(0, 1)
    n_eye = np.abs(_dot(normal, to_eye)) + 1e-4
    n_half = _dot(normal, half).clip(0, 1)
    fresnel = specular_color + (1 - specular_color) * (1 - _dot(to_eye, half).clip(0, 1)) ** 5
    distribution = alpha2 / (np.pi * (n_half**2 * (alpha2 - 1) + 1) ** 2)
    visibility = 0.5 / (
        n_light * np.sqrt(n_eye**2 * (1 - alpha2) + alpha2)
        + n_eye * np.sqrt(n_light**2 * (1 - alpha2) + alpha2)
        + 1e-4
    )
    lamp = ((1 - fresnel) * diffuse_color / np.pi + fresnel * distribution * visibility) * n_light * light
    mirrored = 2 * _dot(normal, to_eye) * normal - to_eye
    gloss = specular_color + (1 - specular_color) * ((1 - n_eye.clip(0, 1)) ** 5) * (1 - roughness)
    surrounding = diffuse_color * around(normal, 1.0) + gloss * around(mirrored, roughness)
    surroundings: Floats = (lamp + surrounding * occlusion).astype(np.float32)
    return surroundings


def around(direction: Floats, blur: Floats | float) -> Floats:
    """Return the (…, 3) light of the surroundings from a direction, blurred (1) or sharp (0)."""
    up = direction[..., 1:2]
    edge = 0.15 + 0.85 * np.asarray(blur)
    share = 0.5 + 0.5 * (up / edge).clip(-1, 1)
    return _GROUND + (_SKY - _GROUND) * share


def unit(vectors: Floats) -> Floats:
    """Return (…, 3) vectors of length 1."""
    scaled: Floats = vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9).astype(
        np.float32
    )
    return scaled


def to_linear(srgb: npt.NDArray[np.uint8]) -> Floats:
    """Return sRGB bytes as linear light in 0–1."""
    return _LINEAR[srgb]


def to_picture(light: Floats) -> npt.NDArray[np.uint8]:
    """Return linear light as sRGB bytes; what is brighter than white is compressed instead of cut.

    Source:
        Narkowicz, ACES filmic tone mapping curve, 2016.
    """
    mapped = (light * (2.51 * light + 0.03) / (light * (2.43 * light + 0.59) + 0.14)).clip(0, 1)
    srgb = np.where(mapped <= 0.0031308, 12.92 * mapped, 1.055 * mapped ** (1 / 2.4) - 0.055)
    return (srgb * 255 + 0.5).astype(np.uint8)


def halved(picture: Floats) -> Floats:
    """Return a (2H, 2W, C) picture at half its size, each pixel the mean of four."""
    height, width, channels = picture.shape
    small: Floats = (
        picture.reshape(height // 2, 2, width // 2, 2, channels).mean(axis=(1, 3)).astype(np.float32)
    )
    return small


def _dot(one: Floats, other: Floats) -> Floats:
    product: Floats = (one * other).sum(axis=-1, keepdims=True)
    return product


def _linear_table() -> Floats:
    value = np.arange(256) / 255
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    return linear.astype(np.float32)


_LINEAR: Final = _linear_table()
