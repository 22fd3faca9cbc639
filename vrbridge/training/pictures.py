"""Opens pictures of unknown origin within bounds, and makes square tiles of them."""

import warnings
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from vrbridge.errors import DataError

MIN_SIDE_PX = 64
MAX_PIXELS = 64 * 1024 * 1024
"""8192 × 8192: more than any texture, and 256 MiB once decoded."""

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
        with warnings.catch_warnings():
            # The bound here is lower than the one that Pillow warns of.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            file = Image.open(source)
        with file:
            _check_size(file, name, min_side_px)
            file.load()
            return ImageOps.exif_transpose(file)
    except Image.DecompressionBombError as error:
        raise DataError(f"{name}: more than {MAX_PIXELS:,} pixels; make it smaller.") from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, ArithmeticError) as error:
        raise DataError(f"{name}: this is no picture that can be read, or it is damaged.") from error
    except (NotImplementedError, KeyError, IndexError, TypeError) as error:
        # Pillow's readers answer some damaged headers in these ways.
        raise DataError(f"{name}: this picture can't be read ({type(error).__name__}).") from error


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


def rgb(picture: Image.Image) -> Image.Image:
    """Return it with three 8-bit channels; transparency is dropped, and 16 bits are scaled down."""
    if picture.mode.startswith("I") or picture.mode == "F":
        values = np.asarray(picture, np.float32)
        scale = 255.0 if values.max(initial=0) <= 1 else 1.0 if values.max() <= 255 else 255 / 65535
        picture = Image.fromarray(np.clip(values * scale + 0.5, 0, 255).astype(np.uint8))
    elif picture.mode == "P" and "transparency" in picture.info:
        # Pillow warns of the direct way.
        picture = picture.convert("RGBA")
    return picture.convert("RGB")


def centre_square(picture: Image.Image) -> Image.Image:
    """Return the largest square from the middle."""
    width, height = picture.size
    side = min(width, height)
    left, top = (width - side) // 2, (height - side) // 2
    return picture if width == height else picture.crop((left, top, left + side, top + side))


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


def _check_size(picture: Image.Image, name: str, min_side_px: int) -> None:
    width, height = picture.size
    if width * height > MAX_PIXELS:
        raise DataError(f"{name}: {width} × {height} pixels are more than {MAX_PIXELS:,}; make it smaller.")
    if min(width, height) < min_side_px:
        raise DataError(f"{name}: {width} × {height} pixels are too few; each side needs {min_side_px}.")
