"""Makes the tiles of the texture data set from the pictures as games ship them."""

import base64
import io
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

from vrbridge.encoding.photo import rgb
from vrbridge.errors import DataError
from vrbridge.training.pictures import color_tile, encode_normals, gray_tile, open_damaged_picture
from vrbridge.training.texture_manifest import NORMAL_ALPHA, TextureSource

Tile = npt.NDArray[np.uint8]

_UPSIDE_DOWN = ".cached.dds"
"""0 A.D. stores what it compressed with the first row at the bottom."""

_SAME_SIDES = 0.06
_TWICE = 0.05
_MAX_LOOK_DIFFERENCE = 6
_MIN_MAP_PX = 64


@dataclass(frozen=True, slots=True)
class SurfaceTiles:
    """A square picture and its maps.

    Attributes:
        source_size: Width and height of the picture as it was shipped, pixels.
        tiles: `color` (S, S, 3) sRGB, and where there are `normal` (S, S, 3), +Y up, `gloss` (S, S),
            `height` (S, S); uint8.
    """

    source_size: tuple[int, int]
    tiles: Mapping[str, Tile]


def make_tiles(source: TextureSource, contents: Mapping[str, bytes], size_px: int) -> SurfaceTiles:
    """Return the tiles of a picture.

    Args:
        source: Its line of the manifest.
        contents: Its files by kind, as `TextureSource.members` names them.
        size_px: Side of the tiles.

    Raises:
        DataError: If a file is no picture that can be read, or looks unlike what the manifest expects.
    """
    opened = {kind: _opened(source, kind, content) for kind, content in contents.items()}
    tiles: dict[str, Tile] = {}
    for kind, picture in opened.items():
        square = squared(rgb(picture), is_repeated=source.is_repeated)
        if kind == "color":
            tiles[kind] = color_tile(square, size_px)
        elif kind == "normal":
            tiles[kind] = _normals(square, size_px, is_y_down=source.is_normal_y_down)
        else:
            tiles[kind] = gray_tile(square, size_px)
    if source.height == NORMAL_ALPHA:
        alpha = opened["normal"].convert("RGBA").getchannel("A")
        tiles["height"] = gray_tile(squared(alpha, is_repeated=source.is_repeated), size_px)
    for kind, tile in tiles.items():
        _check_looks(source, kind, tile)
    return SurfaceTiles(opened["color"].size, tiles)


def squared(picture: Image.Image, *, is_repeated: bool) -> Image.Image:
    """Return a square picture: stretched if it nearly is one, else repeated or cropped at the centre.

    Args:
        picture: Of any shape.
        is_repeated: Whether a sheet of 2:1 tiles along its short side.
    """
    width, height = picture.size
    long, short = max(width, height), min(width, height)
    if long == short:
        return picture
    if abs(width / height - 1) < _SAME_SIDES:
        return picture.resize((long, long), Image.Resampling.LANCZOS)
    if is_repeated and abs(long / short - 2) < _TWICE:
        half = picture.resize((long, long // 2) if width > height else (long // 2, long))
        whole = Image.new(picture.mode, (long, long))
        whole.paste(half, (0, 0))
        whole.paste(half, (0, long // 2) if width > height else (long // 2, 0))
        return whole
    left, top = (width - short) // 2, (height - short) // 2
    return picture.crop((left, top, left + short, top + short))


def look(kind: str, tile: Tile) -> str:
    """Return what a tile looks like from afar: 4 × 4 colours, or 2 × 2 normals or grays, in base64.

    Args:
        kind: `color`, `normal`, `gloss` or `height`.
        tile: Of that kind.
    """
    n = 4 if kind == "color" else 2
    small = Image.fromarray(tile).resize((n, n), Image.Resampling.BOX)
    return base64.b64encode(np.asarray(small).tobytes()).decode()


def _opened(source: TextureSource, kind: str, content: bytes) -> Image.Image:
    path = source.path if kind == "color" else f"{getattr(source, kind)} of {source.path}"
    picture = open_damaged_picture(io.BytesIO(content), path, min_side_px=_MIN_MAP_PX)
    is_upside_down = source.path.endswith(_UPSIDE_DOWN)
    return picture.transpose(Image.Transpose.FLIP_TOP_BOTTOM) if is_upside_down else picture


def _normals(square: Image.Image, size_px: int, *, is_y_down: bool) -> Tile:
    vectors = np.asarray(color_tile(square, size_px), np.float32) / 127.5 - 1
    if is_y_down:
        vectors[..., 1] *= -1
    return encode_normals(vectors)


def _check_looks(source: TextureSource, kind: str, tile: Tile) -> None:
    expected = getattr(source.looks, kind)
    if expected is None:
        raise DataError(f"{source.id}: the manifest does not say what its {kind} looks like.")
    difference = np.abs(_values(expected) - _values(look(kind, tile))).max()
    if difference > _MAX_LOOK_DIFFERENCE:
        raise DataError(
            f"{source.id}, {source.path}: its {kind} differs by {difference} from what the manifest expects. "
            "The package, or how Pillow reads it, has changed."
        )


def _values(text: str) -> npt.NDArray[np.int16]:
    return np.frombuffer(base64.b64decode(text), np.uint8).astype(np.int16)
