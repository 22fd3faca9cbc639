"""Colours of faces, taken from the pictures on them."""

import io
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vrbridge.training.game_models.parts import ModelFiles, Part
from vrbridge.training.pictures import open_damaged_picture

_MAX_SIDE_PX = 512
_MAX_KEPT = 64
"""Pictures, of 1 MiB each at most."""
_PLACES = np.array(
    [
        (1 / 3, 1 / 3, 1 / 3),
        (0.6, 0.2, 0.2),
        (0.2, 0.6, 0.2),
        (0.2, 0.2, 0.6),
        (0.45, 0.45, 0.1),
        (0.1, 0.45, 0.45),
        (0.45, 0.1, 0.45),
    ]
)
"""Where a face is looked at, as shares of its corners."""
_LEAST_WEIGHT = 0.02
"""A transparent place counts so much, so that a face without any other has a colour."""


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """The faces of all parts of a model.

    Attributes:
        vertices: (V, 3).
        faces: (F, 3).
        colors: (F, 3) sRGB, 0–1.
        opacities: (F,) 0–1.
        parts: (F,) number of the part that each is of.
    """

    vertices: NDArray[np.float64]
    faces: NDArray[np.int64]
    colors: NDArray[np.float64]
    opacities: NDArray[np.float64]
    parts: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class _Pixels:
    rgba: NDArray[np.uint8]
    has_alpha: bool


class Pictures:
    """Pictures of models, the latest kept small.

    Args:
        files: Where they lie.
    """

    def __init__(self, files: ModelFiles) -> None:
        self._files = files
        self._kept: OrderedDict[str, _Pixels] = OrderedDict()

    def __getitem__(self, name: str) -> _Pixels:
        """Return a picture.

        Raises:
            DataError: If it isn't there, or can't be read.
        """
        if name not in self._kept:
            self._kept[name] = _small(self._files.read(name), name)
            if len(self._kept) > _MAX_KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(name)
        return self._kept[name]


def baked(parts: Sequence[Part], pictures: Pictures) -> Surface:
    """Return the faces of all parts that can be seen, each in the mean colour of what is on it.

    Args:
        parts: Of one model.
        pictures: On them.

    Raises:
        DataError: If a picture can't be read.
    """
    vertices, faces, colors, opacities, numbers = [], [], [], [], []
    n = 0
    for number, part in enumerate(parts):
        if not len(part.faces) or part.opacity < _LEAST_WEIGHT:
            continue
        color = np.repeat(np.clip(np.array(part.color, float), 0, 1)[None], len(part.faces), 0)
        opacity = np.full(len(part.faces), part.opacity, float)
        if part.picture is not None and part.uv is not None:
            pixels = pictures[part.picture]
            color, alpha = _sampled(pixels, part.uv[part.faces], is_v_up=part.is_v_up)
            if pixels.has_alpha and part.is_cut_out:
                opacity *= alpha
        vertices.append(part.vertices)
        faces.append(part.faces + n)
        colors.append(color)
        opacities.append(opacity)
        numbers.append(np.full(len(part.faces), number))
        n += len(part.vertices)
    if not vertices:
        nothing = np.zeros((0, 3))
        return Surface(nothing, nothing.astype(np.int64), nothing, np.zeros(0), np.zeros(0, np.int64))
    return Surface(
        vertices=np.concatenate(vertices),
        faces=np.concatenate(faces),
        colors=np.concatenate(colors),
        opacities=np.concatenate(opacities),
        parts=np.concatenate(numbers),
    )


def _sampled(
    pixels: _Pixels, corners: NDArray[np.float64], *, is_v_up: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the (F, 3) colours and (F,) opacities of faces whose corners lie at (F, 3, 2) on a picture."""
    height, width = pixels.rgba.shape[:2]
    sums = np.zeros((len(corners), 4))
    for a, b, c in _PLACES:
        at = np.nan_to_num(corners[:, 0] * a + corners[:, 1] * b + corners[:, 2] * c)
        down = at[:, 1] % 1
        column = np.floor((at[:, 0] % 1) * width).astype(int) % width
        row = np.clip(np.floor(((1 - down) if is_v_up else down) * height).astype(int), 0, height - 1)
        seen = pixels.rgba[row, column].astype(np.float32) / 255
        weight = seen[:, 3] + np.float32(_LEAST_WEIGHT)
        sums[:, :3] += seen[:, :3] * weight[:, None]
        sums[:, 3] += weight
    return sums[:, :3] / sums[:, 3:], sums[:, 3] / len(_PLACES) - _LEAST_WEIGHT


def _small(content: bytes, name: str) -> _Pixels:
    picture = open_damaged_picture(io.BytesIO(content), name, min_side_px=1)
    has_alpha = picture.mode in ("RGBA", "LA", "PA") or (
        picture.mode == "P" and "transparency" in picture.info
    )
    whole = picture.convert("RGBA")
    if max(whole.size) > _MAX_SIDE_PX:
        scale = _MAX_SIDE_PX / max(whole.size)
        width, height = (max(1, int(side * scale)) for side in whole.size)
        whole = whole.resize((width, height), Image.Resampling.BILINEAR)
    return _Pixels(np.asarray(whole), has_alpha)
