"""Makes a photograph tile: evens out its light and cuts its borders together."""

from typing import Literal

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy.ndimage import gaussian_filter, gaussian_filter1d

Color = npt.NDArray[np.float32]
"""(H, W, 3) float32, sRGB in [0, 1], first row on top."""

MAX_OVERLAP = 0.36
"""Share of an edge that is given up at most."""

# The step across the border that still looks like one of the steps inside.
_MAX_MEAN_RATIO = 1.6
_MAX_P90_RATIO = 1.4
_LEAST_STEP = 0.7 / 255
_BLOCKS = 16

# Overlaps that are tried, as shares of the edge: repeating things close only at some of them.
_MIN_OVERLAP = 0.14
_THUMBNAIL_PX = 128
# A wider overlap gives away more of the picture: it has to be better by so much from one end to the other.
_WIDTH_PENALTY = 0.35
# Grain is joined within so many pixels of the cut; a difference of colour, seen over a wider stretch, is led
# out over the whole strip.
_FEATHER_PX = 2.0
_SEEN = 0.02
_LED = 0.03
_LIGHT_PX = 64
_LIGHT_SIGMA = 0.12
_MAX_GAIN = 1.8
# Highlights that the camera has cut off hold no colour: made darker they would be grey.
_HIGHLIGHTS = (0.82, 0.98)


def tiles_already(color: Color) -> bool:
    """Return whether a picture's opposite edges meet so well that a person sees no line.

    Args:
        color: (H, W, 3) float32 in [0, 1], at least 16 × 16.
    """
    # Among restless grain only what is seen from afar shows where the light does not meet.
    return _edges_meet(color) and _edges_meet(_resized(color, _BLOCKS, _BLOCKS))


def _edges_meet(color: Color) -> bool:
    for axis in (0, 1):
        inside = np.abs(np.diff(color, axis=axis)).mean(axis=(1 - axis, 2))
        border = float(np.abs(np.take(color, 0, axis) - np.take(color, -1, axis)).mean())
        if border >= _MAX_MEAN_RATIO * max(float(inside.mean()), _LEAST_STEP):
            return False
        if border >= _MAX_P90_RATIO * max(float(np.percentile(inside, 90)), _LEAST_STEP):
            return False
    return True


def make_seamless(color: Color) -> Color:
    """Return a smaller picture that tiles; one that tiles already comes back as it is.

    Uneven light over the whole picture is evened out. Then, for each axis, the strip beyond one border is
    laid over the strip at the other, where both are most alike, and joined along the path where they differ
    least, which itself closes at the borders of the other axis.

    Args:
        color: (H, W, 3) float32, sRGB in [0, 1], at least 16 × 16.

    Returns:
        (H', W', 3) float32 in [0, 1]; H' and W' are 0.64 to 0.86 of H and W.

    Raises:
        ValueError: If the picture is smaller than 16 × 16.

    Source:
        Efros and Freeman, Image Quilting, SIGGRAPH 2001.
    """
    if min(color.shape[:2]) < 16:
        raise ValueError("A picture must have at least 16 × 16 pixels to be made seamless.")
    if tiles_already(color):
        return color
    joined = _joined(_evenly_lit(color), closed=False)
    joined = _joined(joined.transpose(1, 0, 2), closed=True).transpose(1, 0, 2)
    return np.ascontiguousarray(np.clip(joined, 0, 1), np.float32)


def _evenly_lit(color: Color) -> Color:
    height, width = color.shape[:2]
    luma = _resized(color, _LIGHT_PX, _LIGHT_PX).mean(axis=2)
    light = gaussian_filter(luma, _LIGHT_SIGMA * _LIGHT_PX, mode="reflect")
    gain = np.clip(luma.mean() / np.maximum(light, 1e-3), 1 / _MAX_GAIN, _MAX_GAIN)
    gain = np.asarray(Image.fromarray(gain).resize((width, height), Image.Resampling.BICUBIC))
    low, high = _HIGHLIGHTS
    share = np.clip((color.max(axis=2) - low) / (high - low), 0, 1)
    gain = gain + (1 - gain) * share
    lit: Color = np.clip(color * gain[:, :, None], 0, 1).astype(np.float32)
    return lit


def _joined(color: Color, *, closed: bool) -> Color:
    """Return the picture with its left and right borders cut together, narrower by the overlap."""
    width = color.shape[1]
    overlap = _best_overlap(color)
    left, right = color[:, :overlap], color[:, width - overlap :]
    # The cut keeps off the outermost columns: these stay what their neighbours expect.
    margin = max(1, overlap // 8)
    difference = np.square(left - right).sum(axis=2)
    cut = (_cut(difference[:, margin : overlap - margin], closed=closed) + margin)[:, None]
    step = _step_across(left - right, cut, width, closed=closed)
    columns = np.arange(overlap, dtype=np.float32)
    share = np.clip(0.5 + (columns + np.float32(0.5) - cut) / np.float32(_FEATHER_PX), 0, 1)
    # Half of the step is taken from either side of the cut, and less and less of it towards the borders.
    fading = np.where(columns < cut, -columns / cut, (overlap - 1 - columns) / (overlap - 1 - cut))
    strip = left * share[:, :, None] + right * (1 - share[:, :, None])
    strip -= np.float32(0.5) * fading[:, :, None].astype(np.float32) * step[:, None]
    return np.concatenate([strip, color[:, overlap : width - overlap]], axis=1).astype(np.float32)


def _step_across(
    difference: Color, cut: npt.NDArray[np.int64], width: int, *, closed: bool
) -> npt.NDArray[np.float32]:
    """Return how much lighter the left picture is about the cut, (H, 3), smooth along it."""
    seen = np.abs(np.arange(difference.shape[1]) - cut) <= max(2, _SEEN * width)
    step = (difference * seen[:, :, None]).sum(axis=1) / seen.sum(axis=1, keepdims=True)
    mode: Literal["wrap", "nearest"] = "wrap" if closed else "nearest"
    smooth: npt.NDArray[np.float32] = gaussian_filter1d(step, _LED * len(step), axis=0, mode=mode)
    return smooth.astype(np.float32)


def _best_overlap(color: Color) -> int:
    """Return the number of columns at which the left strip is most like the right one."""
    height, width = color.shape[:2]
    scale = min(1.0, _THUMBNAIL_PX / width)
    small = _resized(color, max(16, round(height * scale)), max(16, round(width * scale)))
    candidates = _candidates(small.shape[1])
    # Where a cut can choose its way, only its neighbourhood has to be alike: the best third counts.
    costs = [_unlikeness(small, overlap) for overlap in candidates]
    penalties = _WIDTH_PENALTY * np.linspace(0, 1, len(candidates)) * float(np.mean(costs))
    rough = candidates[int(np.argmin(np.array(costs) + penalties))] * width / small.shape[1]
    slack = width / small.shape[1]
    bounds = _candidates(width)
    near = [o for o in bounds if abs(o - rough) <= slack]
    rows = slice(None, None, max(1, height // 256))
    return min(near or [bounds[0]], key=lambda overlap: _unlikeness(color[rows], overlap))


def _candidates(width: int) -> list[int]:
    return list(range(max(4, round(_MIN_OVERLAP * width)), max(5, int(MAX_OVERLAP * width)) + 1))


def _unlikeness(color: Color, overlap: int) -> float:
    difference = np.square(color[:, :overlap] - color[:, color.shape[1] - overlap :]).sum(axis=2)
    return float(_path_cost(difference)) / len(difference)


def _path_cost(cost: npt.NDArray[np.float32]) -> np.floating:
    total = np.pad(cost[0].astype(np.float64), 1, constant_values=np.inf)
    for row in cost[1:]:
        total[1:-1] = np.minimum(np.minimum(total[:-2], total[1:-1]), total[2:]) + row
    least: np.floating = total.min()
    return least


def _resized(color: Color, height: int, width: int) -> Color:
    picture = Image.fromarray((np.clip(color, 0, 1) * 255 + 0.5).astype(np.uint8))
    return np.asarray(picture.resize((width, height), Image.Resampling.BOX), np.float32) / np.float32(255)


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
