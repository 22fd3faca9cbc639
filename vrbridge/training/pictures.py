"""Opens pictures of unknown origin within bounds, and makes square tiles of them."""

from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFile

from vrbridge.encoding.photo import UnreadablePicture, centre_square, open_photo, rgb
from vrbridge.errors import DataError

MIN_SIDE_PX = 64

_LANCZOS = Image.Resampling.LANCZOS


def open_picture(source: Path | BinaryIO, name: str, *, min_side_px: int = MIN_SIDE_PX) -> Image.Image:
    """Return a decoded picture, turned as its camera says.

    Args:
        source: The file.
        name: What errors call it.
        min_side_px: A smaller width or height is refused.

    Raises:
        DataError: If it is no picture, is damaged, too small, or has over 64 million pixels; the size is
            checked before anything is decoded.
    """
    try:
        return open_photo(source, min_side_px=min_side_px)
    except UnreadablePicture as error:
        raise DataError(f"{name}: {error}") from error


def open_damaged_picture(source: BinaryIO, name: str, *, min_side_px: int = MIN_SIDE_PX) -> Image.Image:
    """Return a picture whose end may be missing: what is missing is gray.

    Some pictures of the packages end early, and are whole to the eye.

    Raises:
        DataError: As `open_picture`, except for a missing end.
    """
    before = ImageFile.LOAD_TRUNCATED_IMAGES
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    try:
        return open_picture(source, name, min_side_px=min_side_px)
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = before


def color_tile(picture: Image.Image, size_px: int) -> npt.NDArray[np.uint8]:
    """Return the centred square as (S, S, 3) uint8 sRGB."""
    return np.asarray(_resized(centre_square(rgb(picture)), size_px))


def gray_tile(picture: Image.Image, size_px: int) -> npt.NDArray[np.uint8]:
    """Return the centred square as (S, S) uint8."""
    return np.asarray(_resized(centre_square(rgb(picture)), size_px).convert("L"))


def normal_tile(picture: Image.Image, size_px: int) -> npt.NDArray[np.uint8]:
    """Return the centred square as (S, S, 3) uint8 unit normals, 127.5 being 0; axes as in the picture."""
    square = centre_square(rgb(picture))
    if square.size == (size_px, size_px):
        return np.asarray(square)
    vectors = np.asarray(_resized(square, size_px), np.float32) / 127.5 - 1
    return encode_normals(vectors)


def encode_normals(vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
    """Return (H, W, 3) uint8 of (H, W, 3) vectors, made unit length first."""
    lengths = np.linalg.norm(vectors, axis=2, keepdims=True)
    encoded: npt.NDArray[np.uint8] = np.clip(
        (vectors / np.maximum(lengths, 1e-3) + 1) * 127.5 + 0.5, 0, 255
    ).astype(np.uint8)
    return encoded


def _resized(picture: Image.Image, size_px: int) -> Image.Image:
    return picture if picture.size == (size_px, size_px) else picture.resize((size_px, size_px), _LANCZOS)
