"""Where a camera stands, and what is in its picture."""

import math

import numpy as np

from vrbridge.rendering.raster import Floats
from vrbridge.rendering.shading import unit

# Of the distance, around what is looked at.
_MARGIN = 1.12


def look_at(eye: Floats, target: Floats) -> Floats:
    """Return the (4, 4) matrix from the world to a camera that looks along its −Z, +Y up."""
    back = unit(eye - target)
    right = unit(np.cross(np.array([0, 1, 0], np.float32), back))
    axes = np.stack([right, np.cross(back, right), back])
    matrix = np.eye(4, dtype=np.float32)
    matrix[:3, :3] = axes
    matrix[:3, 3] = -axes @ eye
    return matrix


def perspective(fov_rad: float, near_m: float, far_m: float) -> Floats:
    """Return the (4, 4) projection of a square picture; z becomes −1 (near) to 1 (far)."""
    focal = 1 / math.tan(fov_rad / 2)
    depth = near_m - far_m
    rows = [
        [focal, 0, 0, 0],
        [0, focal, 0, 0],
        [0, 0, (near_m + far_m) / depth, 2 * near_m * far_m / depth],
        [0, 0, -1, 0],
    ]
    return np.array(rows, np.float32)


def orthographic(radius_m: float, near_m: float, far_m: float) -> Floats:
    """Return the (4, 4) parallel projection of a square of twice the radius."""
    depth = near_m - far_m
    rows = [
        [1 / radius_m, 0, 0, 0],
        [0, 1 / radius_m, 0, 0],
        [0, 0, 2 / depth, (near_m + far_m) / depth],
        [0, 0, 0, 1],
    ]
    return np.array(rows, np.float32)


def direction(azimuth_rad: float, elevation_rad: float) -> Floats:
    """Return a unit vector.

    Args:
        azimuth_rad: 0 towards the front (+Z), a quarter turn to the right (+X).
        elevation_rad: 0 level, a quarter turn straight up.
    """
    flat = math.cos(elevation_rad)
    towards = [flat * math.sin(azimuth_rad), math.sin(elevation_rad), flat * math.cos(azimuth_rad)]
    return np.array(towards, np.float32)


def framed(positions: Floats, towards: Floats, *, fov_rad: float) -> tuple[Floats, Floats]:
    """Return where a camera is, and its (4, 4) matrix, as near as the whole thing allows.

    Args:
        positions: (V, 3) of the thing.
        towards: Unit vector from its middle towards the camera.
        fov_rad: Whole angle of the square picture.
    """
    low, high = positions.min(axis=0), positions.max(axis=0)
    center = (low + high) / 2
    radius_m = max(float(np.linalg.norm(high - low)) / 2, 1e-3)
    far_away = look_at(center + towards, center)[:3, :3]
    offsets = (positions - center) @ far_away.T  # right, up, towards the camera
    slope = math.tan(fov_rad / 2)
    distance_m = _MARGIN * float((offsets[:, 2] + np.abs(offsets[:, :2]).max(axis=1) / slope).max())
    distance_m = max(distance_m, 1.05 * float(offsets[:, 2].max()) + 1e-3)
    eye = (center + towards * np.float32(distance_m)).astype(np.float32)
    near_m, far_m = distance_m / 50, distance_m + 2 * radius_m
    return eye, perspective(fov_rad, near_m, far_m) @ look_at(eye, center)
