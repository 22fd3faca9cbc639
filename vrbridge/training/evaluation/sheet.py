"""Contact sheets: many pictures on one page, each with its words below."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from vrbridge.errors import SettingsError

Pixels = npt.NDArray[np.uint8]

_PAPER: Final = (250, 250, 248)
_INK: Final = (40, 42, 46)
_GAP_PX: Final = 6
_FONT_PX: Final = 15
_LINE_PX: Final = 19
_MAX_LINES: Final = 2
_MAX_BYTES: Final = 2_000_000
_QUALITIES: Final = (90, 86, 82, 77, 72, 66, 60, 52, 44, 35)
_FORMATS: Final = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}


def labelled_grid(images: Sequence[Pixels], labels: Sequence[str], columns: int) -> Image.Image:
    """Return a page of pictures in rows, read like text.

    Args:
        images: (H, W, 3) uint8 sRGB each, all of the same shape.
        labels: What to write below each; long ones are wrapped once and then cut.
        columns: Pictures in a row.

    Raises:
        ValueError: If there are no pictures, the shapes differ, or labels and pictures are not as many.
    """
    if not images or len({image.shape for image in images}) != 1:
        raise ValueError("A grid needs pictures, all of one shape.")
    font = ImageFont.load_default(_FONT_PX)
    height, width = images[0].shape[:2]
    texts = [_wrapped(label, font, width) for _, label in zip(images, labels, strict=True)]
    text_px = _LINE_PX * max(map(len, texts)) + 2
    n_rows = -(-len(images) // columns)
    n_columns = min(columns, len(images))
    step_x, step_y = width + _GAP_PX, height + text_px + _GAP_PX
    page = Image.new("RGB", (n_columns * step_x + _GAP_PX, n_rows * step_y + _GAP_PX), _PAPER)
    draw = ImageDraw.Draw(page)
    for number, (image, lines) in enumerate(zip(images, texts, strict=True)):
        left = _GAP_PX + number % columns * step_x
        top = _GAP_PX + number // columns * step_y
        page.paste(Image.fromarray(image), (left, top))
        for row, line in enumerate(lines):
            draw.text((left + 1, top + height + 2 + row * _LINE_PX), line, _INK, font)
    return page


def side_by_side(images: Sequence[Pixels], *, gap_px: int = 2) -> Pixels:
    """Return pictures of one height in one row, a thin line of paper between them."""
    height = images[0].shape[0]
    line = np.full((height, gap_px, 3), _PAPER, np.uint8)
    parts = [part for image in images for part in (line, image)][1:]
    return np.concatenate(parts, axis=1)


def save_sheet(page: Image.Image, file: Path) -> None:
    """Write a page; as JPEG or WebP in at most 2 MB, with the best quality that fits.

    Args:
        page: From `labelled_grid`.
        file: Its ending chooses the format: .png, .jpg or .webp. Folders are made.

    Raises:
        SettingsError: If the ending is another, or the file can't be written.
    """
    kind = sheet_format(file)
    data = _packed(page, kind)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    except OSError as error:
        raise SettingsError(f"Can't write the sheet to {file}: {error.strerror}.") from error


def sheet_format(file: Path) -> str:
    """Return the picture format that a file's ending asks for, as Pillow calls it.

    Raises:
        SettingsError: If there is none.
    """
    try:
        return _FORMATS[file.suffix.lower()]
    except KeyError:
        raise SettingsError(f"A sheet is a .png, .jpg or .webp file, not {file.name!r}.") from None


def _packed(page: Image.Image, kind: str) -> bytes:
    if kind == "PNG":
        return _encoded(page, kind, optimize=True)
    data = b""
    for quality in _QUALITIES:
        data = _encoded(page, kind, quality=quality)
        if len(data) <= _MAX_BYTES:
            break
    return data


def _encoded(page: Image.Image, kind: str, **options: int) -> bytes:
    buffer = io.BytesIO()
    page.save(buffer, kind, **options)
    return buffer.getvalue()


def _wrapped(text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width_px: int) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) <= width_px or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    kept = lines[:_MAX_LINES]
    if len(lines) > _MAX_LINES:
        kept[-1] += " …"
    return [_fitting(line, font, width_px) for line in kept]


def _fitting(line: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width_px: int) -> str:
    if font.getlength(line) <= width_px:
        return line
    bare = line.removesuffix(" …")
    while bare and font.getlength(f"{bare}…") > width_px:
        bare = bare[:-1]
    return f"{bare}…"
