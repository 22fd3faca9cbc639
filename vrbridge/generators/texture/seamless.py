"""Makes a photograph tile: evens out its light and cuts its borders together."""

from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter, zoom

Color = npt.NDArray[np.float32]
"""(H, W, 3) float32, sRGB in [0, 1], first row on top."""

# The step across the border that still looks like one of the steps inside.
_MAX_MEAN_RATIO = 1.9
_MAX_P90_RATIO = 1.6
_LEAST_STEP = 0.7 / 255

_OVERLAP = 0.25
_FEATHER_PX_PER_EDGE = 1 / 128
_LIGHT_SIGMA = 0.12
_MAX_GAIN = 1.8


def tiles_already(color: Color) -> bool:
    """Return whether a picture's opposite edges meet so well that a person sees no line.

    Args:
        color: (H, W, 3) float32 in [0, 1], at least 2 × 2.
    """
    for axis in (0, 1):
        inside = np.abs(np.diff(color, axis=axis)).mean(axis=(1 - axis, 2))
        border = float(np.abs(np.take(color, 0, axis) - np.take(color, -1, axis)).mean())
        if border >= _MAX_MEAN_RATIO * max(float(inside.mean()), _LEAST_STEP):
            return False
        if border >= _MAX_P90_RATIO * max(float(np.percentile(inside, 90)), _LEAST_STEP):
            return False
    return True


def make_seamless(color: Color) -> Color:
    """Return a picture so changed that it tiles; one that tiles already comes back as it is.

    Uneven light over the whole picture is evened out. Then, for each axis, the strip beyond one border is
    laid over the strip at the other and both are joined along the path where they differ least (Efros &
    Freeman, "Image Quilting", 2001), which itself closes at the borders of the other axis.

    Args:
        color: (H, W, 3) float32, sRGB in [0, 1], at least 8 × 8.

    Returns:
        (H, W, 3) float32 in [0, 1]. The joined picture is shorter by the overlap and is stretched back.

    Raises:
        ValueError: If the picture is smaller than 8 × 8.
    """
    if min(color.shape[:2]) < 8:
        raise ValueError("A picture must have at least 8 × 8 pixels to be made seamless.")
    if tiles_already(color):
        return color
    joined = _joined(_evenly_lit(color), closed=False)
    joined = _joined(joined.transpose(1, 0, 2), closed=True).transpose(1, 0, 2)
    factors = (color.shape[0] / joined.shape[0], color.shape[1] / joined.shape[1], 1)
    stretched = zoom(joined, factors, order=3, mode="grid-wrap", grid_mode=True)
    return np.ascontiguousarray(np.clip(stretched, 0, 1), np.float32)


def _evenly_lit(color: Color) -> Color:
    luma = color.mean(axis=2)
    light = gaussian_filter(luma, [_LIGHT_SIGMA * edge for edge in luma.shape], mode="reflect")
    gain = np.clip(luma.mean() / np.maximum(light, 1e-3), 1 / _MAX_GAIN, _MAX_GAIN)
    lit: Color = np.clip(color * gain[:, :, None], 0, 1).astype(np.float32)
    return lit


def _joined(color: Color, *, closed: bool) -> Color:
    """Return the picture with its left and right borders cut together, narrower by the overlap."""
    width = color.shape[1]
    overlap = max(2, round(_OVERLAP * width))
    feather = min(max(1, round(_FEATHER_PX_PER_EDGE * width)), overlap // 4)
    left, right = color[:, :overlap], color[:, width - overlap :]
    difference = np.square(left - right).sum(axis=2)
    # The feather ends before the strip does: the outermost columns stay what their neighbours expect.
    cut = _cut(difference[:, feather + 1 : overlap - feather], closed=closed) + feather + 1
    columns = np.arange(overlap, dtype=np.float32) + np.float32(0.5)
    share = np.clip(0.5 + (columns - cut[:, None]) / np.float32(2 * feather + 1), 0, 1)[:, :, None]
    # Blending two unlike pictures halves their variance, which shows as a blurred stripe.
    blend = left * share + right * (1 - share)
    along: Literal["wrap", "nearest"] = "wrap" if closed else "nearest"
    smooth = gaussian_filter(blend, (2 * feather, 2 * feather, 0), mode=(along, "nearest", "nearest"))
    blend = smooth + (blend - smooth) / np.sqrt(share**2 + (1 - share) ** 2)
    return np.concatenate([blend, color[:, overlap : width - overlap]], axis=1).astype(np.float32)


def _cut(cost: npt.NDArray[np.float32], *, closed: bool) -> npt.NDArray[np.int64]:
    """Return the column of the cheapest path from the first row to the last, one per row."""
    if not closed:
        return _cheapest_path(cost)
    rows = len(cost)
    start = _cheapest_path(np.concatenate([cost, cost]))[rows]
    ring = np.concatenate([cost, cost[:1]]).astype(np.float64)
    elsewhere = np.arange(cost.shape[1]) != start
    ring[0, elsewhere] = ring[-1, elsewhere] = np.inf
    return _cheapest_path(ring)[:rows]


def _cheapest_path(cost: npt.NDArray[np.floating]) -> npt.NDArray[np.int64]:
    total = np.array(cost, np.float64)
    for row in range(1, len(total)):
        before = np.pad(total[row - 1], 1, constant_values=np.inf)
        total[row] += np.minimum(np.minimum(before[:-2], before[1:-1]), before[2:])
    path = np.empty(len(total), np.int64)
    path[-1] = np.argmin(total[-1])
    for row in range(len(total) - 2, -1, -1):
        low = max(0, int(path[row + 1]) - 1)
        path[row] = low + np.argmin(total[row, low : int(path[row + 1]) + 2])
    return path
