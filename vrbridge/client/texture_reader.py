"""Pixels out of a texture asset that needs no GPU: uncompressed KTX2, PNG, JPEG, WebP."""

import io
import struct
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from vrbridge.client.events import Asset

_IDENTIFIER: Final = b"\xabKTX 20\xbb\r\n\x1a\n"
_RGBA8: Final = {37, 43}  # VK_FORMAT_R8G8B8A8_UNORM and _SRGB
_HEADER: Final = struct.Struct("<12s9I")
_FIRST_LEVEL: Final = 80
_LEVEL: Final = struct.Struct("<3Q")


def read_texture(asset: Asset) -> npt.NDArray[np.uint8]:
    """Return the largest level of a texture.

    Returns:
        (H, W, C) uint8, first row on top; C is 1, 3 or 4.

    Raises:
        ValueError: If it is in a format for GPUs, or damaged.
    """
    if asset.data.startswith(_IDENTIFIER):
        return read_rgba8(asset.data)
    try:
        with Image.open(io.BytesIO(asset.data)) as picture:
            # 16 bit heights keep their upper half: this reader is for looking at.
            is_deep = picture.mode.startswith("I")
            pixels = np.asarray(picture)
    except OSError as error:
        raise ValueError(f"The {asset.role} map is no picture that can be read here.") from error
    if is_deep:
        pixels = (pixels >> 8).astype(np.uint8)
    return pixels.reshape(*pixels.shape[:2], -1)


def read_rgba8(data: bytes) -> npt.NDArray[np.uint8]:
    """Return the largest level of a KTX2 file with `rgba8` pixels as (H, W, 4) uint8.

    Raises:
        ValueError: If it is not such a file, or cut off.
    """
    if len(data) < _FIRST_LEVEL + _LEVEL.size or not data.startswith(_IDENTIFIER):
        raise ValueError("This is no KTX2 file.")
    vk_format, _, width_px, height_px, *_, scheme = _HEADER.unpack_from(data)[1:]
    if vk_format not in _RGBA8 or scheme != 0:
        raise ValueError("This KTX2 file holds blocks for a GPU; ask for the format `rgba8` or `png`.")
    offset, n_bytes, _ = _LEVEL.unpack_from(data, _FIRST_LEVEL)
    if n_bytes != 4 * width_px * height_px or offset + n_bytes > len(data):
        raise ValueError("This KTX2 file is cut off.")
    pixels = np.frombuffer(data, np.uint8, count=n_bytes, offset=offset)
    return pixels.reshape(height_px, width_px, 4)
