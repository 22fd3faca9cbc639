"""One map of a material in the form that a client asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from vrbridge.encoding import image, mips
from vrbridge.encoding.blocks import compress_levels
from vrbridge.encoding.gpu_format import GPU_FORMATS
from vrbridge.encoding.ktx2 import write_ktx2
from vrbridge.interruption import step

MAP_ROLES: Final = ("base_color", "normal", "orm", "height")
IMAGE_FORMATS: Final = ("jpeg", "webp", "png")
TEXTURE_FORMATS: Final = (*GPU_FORMATS, *IMAGE_FORMATS)
"""Everything that a client may list in `receive.texture_formats`."""
MEDIA_TYPES: Final = {
    **dict.fromkeys(GPU_FORMATS, "image/ktx2"),
    **{name: f"image/{name}" for name in IMAGE_FORMATS},
}

_DATA_QUALITY: Final = 92  # of JPEG; errors show more under moving light than in colour
_CORRELATED: Final = ("base_color", "height")

Pixels = NDArray[np.uint8] | NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class EncodedMap:
    """A map, ready to send.

    Args:
        role: One of `MAP_ROLES`.
        media_type: Such as `image/ktx2`.
        format: One of `TEXTURE_FORMATS`.
        color_space: What the numbers mean, whatever the file says.
        width_px: Of the largest level.
        height_px: Of the largest level.
        levels: Mip levels; 1 for plain images, whose mips the engine makes.
        data: The file.
    """

    role: str
    media_type: str
    format: str
    color_space: Literal["srgb", "linear"]
    width_px: int
    height_px: int
    levels: int
    data: bytes


def choose_format(role: str, formats: Sequence[str]) -> str:
    """Return the first format of the list that fits a map.

    `bc5` holds two channels, so it fits normals only. Whoever lists it wants it there instead of `bc1`, whose
    few shades show on normals. Names that this version does not know are passed over.

    Args:
        role: One of `MAP_ROLES`.
        formats: The client's list, the best first.

    Raises:
        ValueError: If the role is unknown or nothing fits.
    """
    if role not in MAP_ROLES:
        raise ValueError(f"Unknown map `{role}`; known are {', '.join(MAP_ROLES)}.")
    unfit = {"bc5"} if role != "normal" else {"bc1"} if "bc5" in formats else set()
    for name in formats:
        if name in TEXTURE_FORMATS and name not in unfit:
            return name
    raise ValueError(f"None of the formats {', '.join(formats) or '(none)'} fits a {role} map.")


def encode_map(
    role: str,
    pixels: Pixels,
    *,
    formats: Sequence[str],
    normal: NDArray[np.uint8] | None = None,
) -> EncodedMap:
    """Return a map in the first fitting format of a list.

    Args:
        role: One of `MAP_ROLES`.
        pixels: (H, W, 3) uint8; for `height` (H, W) uint8 or uint16, of which only PNG keeps 16 bits.
            `base_color` is sRGB, the others are linear. First row on top; tiles in both directions.
        formats: The client's list, the best first.
        normal: (H, W, 3) uint8. For `orm` with mips: coarse levels become as rough as the bumps they lose.

    Raises:
        ValueError: If no format fits, or the pixels have another shape or dtype.
    """
    step()
    name = choose_format(role, formats)
    _check(role, pixels)
    height_px, width_px = pixels.shape[:2]
    if name in IMAGE_FORMATS:
        data, levels = _image(role, pixels, name), 1
    else:
        chain = _levels(role, _eight_bits(pixels), normal)
        format_ = GPU_FORMATS[name]
        blocks = compress_levels(chain, format_, is_correlated=role in _CORRELATED)
        data, levels = write_ktx2(blocks, format=format_, width_px=width_px, height_px=height_px), len(chain)
    return EncodedMap(
        role=role,
        media_type=MEDIA_TYPES[name],
        format=name,
        color_space="srgb" if role == "base_color" else "linear",
        width_px=width_px,
        height_px=height_px,
        levels=levels,
        data=data,
    )


def _check(role: str, pixels: Pixels) -> None:
    if role == "height":
        is_right = pixels.ndim == 2 and pixels.dtype in (np.uint8, np.uint16)
        expected = "(H, W) uint8 or uint16"
    else:
        is_right = pixels.ndim == 3 and pixels.shape[2] == 3 and pixels.dtype == np.uint8
        expected = "(H, W, 3) uint8"
    if not is_right or 0 in pixels.shape:
        raise ValueError(f"A {role} map must be {expected}, not {pixels.shape} {pixels.dtype}.")


def _eight_bits(pixels: Pixels) -> NDArray[np.uint8]:
    if pixels.dtype == np.uint16:
        return ((pixels.astype(np.uint32) + 128) // 257).astype(np.uint8)
    return pixels.astype(np.uint8, copy=False)


def _levels(
    role: str, pixels: NDArray[np.uint8], normal: NDArray[np.uint8] | None
) -> list[NDArray[np.uint8]]:
    if role == "base_color":
        return mips.color_levels(pixels)
    if role == "normal":
        return mips.normal_levels(pixels)
    levels = mips.data_levels(pixels)
    return mips.widen_roughness(levels, normal) if role == "orm" and normal is not None else levels


def _image(role: str, pixels: Pixels, name: str) -> bytes:
    if name == "png":
        return image.png(pixels)
    shallow = _eight_bits(pixels)
    if role == "base_color":
        return image.jpeg(shallow) if name == "jpeg" else image.webp(shallow)
    if name == "jpeg":
        return image.jpeg(shallow, quality=_DATA_QUALITY, full_chroma=True)
    # Lossy WebP halves the chroma, which is half of what a normal or ORM map says.
    return image.webp(shallow, quality=None)
