"""A picture that lines and words are drawn on."""

from collections.abc import Sequence
from typing import Final

from PIL import Image, ImageDraw, ImageFont

_SCALE: Final = 2
"""Everything is drawn so much larger and then made smaller, for smooth lines."""

PAPER, BAND, LIGHT, GRID = (255, 255, 255), (236, 240, 246), (247, 248, 250), (214, 219, 227)
INK, SOFT = (31, 36, 46), (105, 113, 128)
BLUE, SKY, GREEN, ORANGE, RED = (
    (24, 90, 188),
    (126, 176, 240),
    (27, 135, 84),
    (214, 117, 12),
    (196, 43, 58),
)
Color = tuple[int, int, int]


class Canvas:
    """Draws in pixels of the finished picture.

    Args:
        width: Of the picture.
        height: Of the picture.
    """

    def __init__(self, width: int, height: int) -> None:
        self._size = (width, height)
        self._image = Image.new("RGB", (width * _SCALE, height * _SCALE), PAPER)
        self._draw = ImageDraw.Draw(self._image)

    def text(self, x: float, y: float, text: str, *, size: int, color: Color, anchor: str = "la") -> float:
        """Write a line and return its width."""
        font = ImageFont.load_default(size * _SCALE)
        self._draw.text((x * _SCALE, y * _SCALE), text, fill=color, font=font, anchor=anchor)
        return self._draw.textlength(text, font=font) / _SCALE

    def line(self, points: Sequence[tuple[float, float]], color: Color, *, width: int) -> None:
        """Draw a line; a single point becomes a dot."""
        scaled = [(x * _SCALE, y * _SCALE) for x, y in points]
        if len(scaled) == 1:
            (x, y), radius = scaled[0], width * _SCALE / 2
            self._draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=color)
            return
        self._draw.line(scaled, fill=color, width=width * _SCALE, joint="curve")

    def hairline(self, left: float, right: float, y: float, color: Color) -> None:
        """Draw a horizontal line that fills one row of pixels, and is sharp for that."""
        row = int(y) * _SCALE
        self._draw.rectangle((left * _SCALE, row, right * _SCALE, row + _SCALE - 1), fill=color)

    def rectangle(self, box: tuple[float, float, float, float], color: Color) -> None:
        """Fill a rectangle."""
        self._draw.rectangle(tuple(edge * _SCALE for edge in box), fill=color)

    def finished(self) -> Image.Image:
        """Return the picture."""
        return self._image.resize(self._size, Image.Resampling.BOX)
