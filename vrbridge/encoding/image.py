"""Pixels into JPEG, WebP and PNG files without colour profiles or other metadata."""

import io
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vrbridge.interruption import step

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_FULL_CHROMA: Final = 0
_HALF_CHROMA: Final = 2
# WebP's fastest method: the others take several times longer for a few per cent of size.
_WEBP_METHOD: Final = 0


def jpeg(pixels: NDArray[np.uint8], *, quality: int = 90, full_chroma: bool = False) -> bytes:
    """Return a baseline JPEG file.

    Args:
        pixels: (H, W, 3) or (H, W) grey, uint8, first row on top.
        quality: 1–100.
        full_chroma: Keep all three channels at full resolution (4:4:4). Needed wherever they are not colour.

    Raises:
        ValueError: If the shape or dtype is another one.
    """
    picture = _picture(pixels, channels=(1, 3))
    subsampling = _FULL_CHROMA if full_chroma else _HALF_CHROMA
    options = {"subsampling": subsampling} if picture.mode == "RGB" else {}
    return _save(picture, "JPEG", quality=quality, **options)


def webp(pixels: NDArray[np.uint8], *, quality: int | None = 85) -> bytes:
    """Return a WebP file.

    Args:
        pixels: (H, W, 3), (H, W, 4) or (H, W) grey, uint8, first row on top.
        quality: 1–100; None is lossless. Lossy WebP always halves the chroma.

    Raises:
        ValueError: If the shape or dtype is another one.
    """
    picture = _picture(pixels, channels=(1, 3, 4))
    if quality is None:
        return _save(picture, "WEBP", lossless=1, quality=0, method=_WEBP_METHOD, exact=1)
    return _save(picture, "WEBP", quality=quality, method=_WEBP_METHOD)


def png(pixels: NDArray[np.uint8] | NDArray[np.uint16], *, level: int = 1) -> bytes:
    """Return a PNG file.

    Args:
        pixels: (H, W, 3), (H, W, 4) or (H, W) grey, uint8; or (H, W) uint16, which gives 16 bits a pixel.
        level: Of compression, 0–9.

    Raises:
        ValueError: If the shape or dtype is another one.
    """
    if pixels.dtype == np.uint16 and pixels.ndim == 2 and pixels.size:
        return _save(Image.fromarray(pixels), "PNG", compress_level=level)
    return _save(_picture(pixels, channels=(1, 3, 4)), "PNG", compress_level=level)


class _Steps(io.BytesIO):
    """Takes what an encoder writes; a large PNG takes half a second, and is written piece by piece."""

    def write(self, data: "ReadableBuffer", /) -> int:
        step()
        return super().write(data)


def _picture(pixels: NDArray[np.uint8] | NDArray[np.uint16], *, channels: tuple[int, ...]) -> Image.Image:
    n_channels = pixels.shape[2] if pixels.ndim == 3 else 1
    if pixels.dtype != np.uint8 or pixels.ndim not in (2, 3) or n_channels not in channels or not pixels.size:
        raise ValueError(f"Can't write a picture of {pixels.shape} {pixels.dtype}.")
    return Image.fromarray(pixels if n_channels > 1 else pixels.reshape(pixels.shape[:2]))


def _save(picture: Image.Image, file_format: str, **options: int) -> bytes:
    buffer = _Steps()
    picture.save(buffer, file_format, **options)
    return buffer.getvalue()
