"""Opens picture files of unknown origin within bounds."""

import io
import warnings
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

MAX_PIXELS: Final = 64 * 1024 * 1024
"""8192 × 8192: more than any texture, and 256 MiB once decoded."""

_PROFILE_MODES: Final = ("RGB", "RGBA", "L", "CMYK")


class UnreadablePicture(ValueError):
    """A file that is no picture, is damaged, or is too small or too large; the message says which."""


def open_photo(
    source: Path | BinaryIO,
    *,
    min_side_px: int,
    formats: tuple[str, ...] | None = None,
    enough_px: int | None = None,
) -> Image.Image:
    """Return a decoded picture, turned as its camera says; of an animation the first frame.

    Args:
        source: The file.
        min_side_px: A smaller width or height is refused.
        formats: Names of file formats that are taken, as Pillow spells them; None: all.
        enough_px: A JPEG may be decoded at a half, a quarter or an eighth of its size as long as each side
            keeps so many pixels. None: at full size.

    Raises:
        UnreadablePicture: Also if it has over 64 million pixels; the size is checked before anything is
            decoded.
    """
    try:
        with warnings.catch_warnings():
            # The bound here is lower than the one that Pillow warns of.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            file = Image.open(source, formats=formats)
        with file:
            _check_size(file, min_side_px)
            if enough_px is not None:
                file.draft(None, (enough_px, enough_px))
            file.load()
            return ImageOps.exif_transpose(file)
    except Image.DecompressionBombError as error:
        raise UnreadablePicture(f"more than {MAX_PIXELS:,} pixels; make it smaller.") from error
    except UnreadablePicture:
        raise
    except UnidentifiedImageError as error:
        raise UnreadablePicture(_not_a_picture(formats)) from error
    except (OSError, ValueError, SyntaxError, EOFError, ArithmeticError) as error:
        raise UnreadablePicture("this is no picture that can be read, or it is damaged.") from error
    except (NotImplementedError, KeyError, IndexError, TypeError) as error:
        # Pillow's readers answer some damaged headers in these ways.
        raise UnreadablePicture(f"this picture can't be read ({type(error).__name__}).") from error


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


def opaque(picture: Image.Image) -> Image.Image:
    """Return it in three 8-bit channels of sRGB, transparent places filled with the mean of the others.

    A colour profile is followed; a damaged one is passed over.

    Raises:
        UnreadablePicture: If every place is transparent.
    """
    picture = _in_srgb(picture)
    if "A" not in picture.getbands() and "transparency" not in picture.info:
        return rgb(picture)
    values = np.asarray(picture.convert("RGBA"), np.float32)
    alpha = values[..., 3:] / 255
    if float(alpha.max()) < 1 / 255:
        raise UnreadablePicture("the picture is transparent everywhere.")
    color = values[..., :3]
    mean = (color * alpha).sum((0, 1)) / alpha.sum()
    filled: NDArray[np.uint8] = (color * alpha + mean * (1 - alpha) + 0.5).astype(np.uint8)
    return Image.fromarray(filled)


def centre_square(picture: Image.Image) -> Image.Image:
    """Return the largest square from the middle."""
    width, height = picture.size
    side = min(width, height)
    left, top = (width - side) // 2, (height - side) // 2
    return picture if width == height else picture.crop((left, top, left + side, top + side))


def _in_srgb(picture: Image.Image) -> Image.Image:
    profile = picture.info.get("icc_profile")
    if not profile or picture.mode not in _PROFILE_MODES:
        return picture
    target = "RGBA" if picture.mode == "RGBA" else "RGB"
    try:
        converted = ImageCms.profileToProfile(
            picture, ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB"),
            outputMode=target,
        )  # fmt: skip
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return picture
    return picture if converted is None else converted


def _not_a_picture(formats: tuple[str, ...] | None) -> str:
    if formats is None:
        return "this is no picture that can be read, or it is damaged."
    return f"this is no picture that can be read. Taken are {', '.join(formats)}."


def _check_size(picture: Image.Image, min_side_px: int) -> None:
    width, height = picture.size
    if width * height > MAX_PIXELS:
        raise UnreadablePicture(f"{width} × {height} pixels are more than {MAX_PIXELS:,}; make it smaller.")
    if min(width, height) < min_side_px:
        raise UnreadablePicture(f"{width} × {height} pixels are too few; each side needs {min_side_px}.")
