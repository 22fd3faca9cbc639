"""A prop as it stands in a light, softly lit room."""

import math
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from vrbridge.client.mesh_reader import MeshPart
from vrbridge.client.pictures.surface import Surface
from vrbridge.rendering.camera import direction, framed, look_at, orthographic
from vrbridge.rendering.raster import Floats, Fragments, mixed, rasterize
from vrbridge.rendering.shading import halved, shade, to_picture, unit

_FOV_RAD: Final = math.radians(28)
_ELEVATION_RAD: Final = math.radians(20)
# Seen from the camera: from the upper left and behind it.
_LIGHT_AZIMUTH_RAD: Final = math.radians(-55)
_LIGHT_ELEVATION_RAD: Final = math.radians(50)
_LIGHT: Final = np.array([3.4, 3.2, 2.9], np.float32)
_FLOOR: Final = np.array([0.55, 0.54, 0.53], np.float32)
_BACKDROP_LOW: Final = np.array([0.62, 0.62, 0.63], np.float32)
_BACKDROP_HIGH: Final = np.array([0.38, 0.40, 0.44], np.float32)
_SHADOW_PX: Final = 768
# Where the shadow map is looked up around a point, in its pixels: rings, so that edges are soft.
_SOFT: Final = tuple(
    (radius * math.cos(turn * math.tau / count + radius), radius * math.sin(turn * math.tau / count + radius))
    for radius, count in ((0.0, 1), (2.0, 6), (4.5, 9))
    for turn in range(count)
)


def prop_picture(
    parts: Sequence[MeshPart], surfaces: Mapping[str, Surface], *, azimuth_rad: float, size_px: int
) -> npt.NDArray[np.uint8]:
    """Return a picture of a prop on a floor.

    Args:
        parts: Its geometry.
        surfaces: Textures by name of the material; a part without any shows its vertex colours.
        azimuth_rad: Where the camera stands: 0 in front (+Z), a quarter turn to the right (+X).
        size_px: Edge of the picture.

    Returns:
        (size_px, size_px, 3) uint8, sRGB.
    """
    return _Studio(parts, surfaces, azimuth_rad, 2 * size_px).picture()


class _Studio:
    """One prop, one camera, one lamp; draws at twice the size for smooth edges."""

    def __init__(
        self, parts: Sequence[MeshPart], surfaces: Mapping[str, Surface], azimuth_rad: float, size_px: int
    ) -> None:
        self._parts = parts
        self._surfaces = surfaces
        self._size_px = size_px
        starts = np.cumsum([0] + [len(part.positions) for part in parts])
        self._positions = np.concatenate([part.positions for part in parts])
        self._faces = np.concatenate(
            [part.faces + np.uint32(start) for part, start in zip(parts, starts, strict=False)]
        )
        self._part_of_face = np.repeat(np.arange(len(parts)), [len(part.faces) for part in parts])
        low, high = self._positions.min(axis=0), self._positions.max(axis=0)
        self._center = (low + high) / 2
        self._floor_m = float(low[1])
        self._radius_m = max(float(np.linalg.norm(high - low)) / 2, 1e-3)
        self._eye, self._camera = framed(
            self._positions, direction(azimuth_rad, _ELEVATION_RAD), fov_rad=_FOV_RAD
        )
        self._to_light = direction(azimuth_rad + _LIGHT_AZIMUTH_RAD, _LIGHT_ELEVATION_RAD)
        self._lamp, self._shadow = self._shadow_map()

    def picture(self) -> npt.NDArray[np.uint8]:
        light = self._room()
        seen = rasterize(self._positions, self._faces, self._camera, self._size_px, cull=True)
        for number, part in enumerate(self._parts):
            is_here = self._part_of_face[seen.faces] == number
            if is_here.any():
                start = int(np.flatnonzero(self._part_of_face == number)[0])
                light[seen.rows[is_here], seen.columns[is_here]] = self._lit(part, seen, is_here, start)
        return to_picture(halved(light))

    def _shadow_map(self) -> tuple[Floats, Floats]:
        """Return the lamp's matrix and the depth of what it sees first."""
        lamp_at = self._center + self._to_light * np.float32(2 * self._radius_m)
        lamp = orthographic(self._radius_m * 1.05, 0.0, 4 * self._radius_m) @ look_at(lamp_at, self._center)
        return lamp, rasterize(self._positions, self._faces, lamp, _SHADOW_PX, cull=False).depth

    def _light_at(self, points: Floats, normals: Floats) -> Floats:
        """Return (N, 1): how much of the lamp reaches each point, 0–1, with soft edges."""
        texel_m = 2.1 * self._radius_m / _SHADOW_PX
        lifted = points + normals * np.float32(2.5 * texel_m)
        clip = np.column_stack([lifted, np.ones(len(lifted), np.float32)]) @ self._lamp.T
        x, y = (clip[:, 0] + 1) * (_SHADOW_PX / 2), (1 - clip[:, 1]) * (_SHADOW_PX / 2)
        depth = clip[:, 2] - np.float32(1e-3)
        lit = np.zeros(len(points), np.float32)
        for shift_x, shift_y in _SOFT:
            column = np.floor(x + shift_x).astype(int)
            row = np.floor(y + shift_y).astype(int)
            inside = (column >= 0) & (column < _SHADOW_PX) & (row >= 0) & (row < _SHADOW_PX)
            first = self._shadow[row.clip(0, _SHADOW_PX - 1), column.clip(0, _SHADOW_PX - 1)]
            lit += ~inside | (depth <= first)
        return (lit / len(_SOFT))[:, None]

    def _lit(self, part: MeshPart, seen: Fragments, is_here: npt.NDArray[np.bool_], start: int) -> Floats:
        """Return the (N, 3) light of the pixels in which a part is seen."""
        faces, weights = seen.faces[is_here] - start, seen.weights[is_here]
        corners = part.faces[faces]  # (N, 3)
        points = mixed(part.positions, corners, weights)
        normals = unit(mixed(part.normals, corners, weights))
        surface = self._surfaces.get(part.material)
        if surface is not None and part.uv is not None:
            level = self._levels(part, surface)[faces]
            values = surface.at(mixed(part.uv, corners, weights), level)
            albedo, orm = values[:, :3], values[:, 6:]
            bumped = _bumped(part, faces, normals, values[:, 3:6])
        else:
            albedo = np.broadcast_to(np.array(part.base_color[:3], np.float32), points.shape)
            if part.colors is not None:
                albedo = albedo * mixed(part.colors[:, :3].astype(np.float32) / 255, corners, weights)
            orm = np.broadcast_to(np.array([1, part.roughness, part.metallic], np.float32), points.shape)
            bumped = normals
        return shade(
            albedo=albedo,
            normal=bumped,
            to_eye=unit(self._eye - points),
            to_light=self._to_light,
            light=_LIGHT * self._light_at(points, normals),
            occlusion=orm[:, :1] * self._openness(points),
            roughness=orm[:, 1:2],
            metallic=orm[:, 2:3],
        )

    def _openness(self, points: Floats) -> Floats:
        """Return (N, 1): less sky reaches what is close to the floor."""
        height = (points[:, 1:2] - self._floor_m) / np.float32(0.35 * self._radius_m)
        return 0.55 + 0.45 * height.clip(0, 1)

    def _levels(self, part: MeshPart, surface: Surface) -> npt.NDArray[np.int32]:
        """Return (F,) the level whose texels are about as large as pixels."""
        assert part.uv is not None
        clip = np.column_stack([part.positions, np.ones(len(part.positions), np.float32)]) @ self._camera.T
        pixels = clip[:, :2] / clip[:, 3:] * (self._size_px / 2)
        texels = part.uv * (surface.levels[0].shape[0] / surface.metres_per_tile)
        ratio = _areas(texels[part.faces]) / np.maximum(_areas(pixels[part.faces]), 1e-6)
        return np.floor(np.log2(np.maximum(ratio, 1e-6)) / 2 + 0.5).astype(np.int32)

    def _room(self) -> Floats:
        """Return the (H, W, 3) light of floor and backdrop; all of it is soft, so half the size is enough."""
        size_px = self._size_px // 2
        pixel = (np.arange(size_px, dtype=np.float32) + 0.5) / (size_px / 2) - 1
        x, y = np.meshgrid(pixel, -pixel)
        inverse = np.linalg.inv(self._camera).astype(np.float32)
        ends = np.stack([x, y, np.ones_like(x), np.ones_like(x)], axis=-1) @ inverse.T
        rays = unit(ends[..., :3] / ends[..., 3:] - self._eye)
        share = ((y + 1) / 2)[..., None] ** 1.5
        backdrop = _BACKDROP_LOW + (_BACKDROP_HIGH - _BACKDROP_LOW) * share
        down = np.minimum(rays[..., 1], -1e-3)
        points = self._eye + rays * ((self._floor_m - self._eye[1]) / down)[..., None]
        away = np.linalg.norm(points[..., [0, 2]] - self._center[[0, 2]], axis=-1) / self._radius_m
        fade = np.exp(-((away / 2.6) ** 2))[..., None]
        near = fade[..., 0] > 0.02
        floor = np.zeros_like(backdrop)
        up = np.broadcast_to(np.array([0, 1, 0], np.float32), (int(near.sum()), 3))
        lamp = self._light_at(points[near], up)
        floor[near] = _FLOOR * (0.62 * self._contact(points[near]) + 0.62 * lamp)
        light: Floats = (backdrop * (1 - fade) + floor * fade).repeat(2, axis=0).repeat(2, axis=1)
        return light

    def _contact(self, points: Floats) -> Floats:
        """Return (N, 1): how much sky reaches the floor around and under the prop."""
        low = self._positions[:, 1] < self._floor_m + 0.15 * self._radius_m
        foot = self._positions[low][:, [0, 2]]
        center, half = (foot.min(axis=0) + foot.max(axis=0)) / 2, (np.ptp(foot, axis=0) / 2)
        outside = np.maximum(np.abs(points[:, [0, 2]] - center) - half, 0)
        away = np.linalg.norm(outside, axis=1) / np.float32(0.35 * self._radius_m)
        share: Floats = 1 - 0.45 * np.exp(-(away**2))[:, None]
        return share


def _areas(corners: Floats) -> Floats:
    """Return (F,) twice the areas of flat triangles (F, 3, 2)."""
    first, second = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    return np.abs(first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0])


def _bumped(part: MeshPart, faces: npt.NDArray[np.int32], normals: Floats, bumps: Floats) -> Floats:
    """Return normals tilted by the normal map, whose x follows u and whose y points against v."""
    assert part.uv is not None
    corners, uv = part.positions[part.faces], part.uv[part.faces]
    edges, steps = corners[:, 1:] - corners[:, :1], uv[:, 1:] - uv[:, :1]  # (F, 2, 3), (F, 2, 2)
    # The direction on the surface in which u grows and v stays.
    along_u = unit(edges[:, 0] * steps[:, 1, 1:] - edges[:, 1] * steps[:, 0, 1:])
    handed = np.sign(steps[:, 0, 0] * steps[:, 1, 1] - steps[:, 1, 0] * steps[:, 0, 1])[:, None]
    along_u = (along_u * np.where(handed == 0, 1, handed))[faces]
    tangents = unit(along_u - normals * (along_u * normals).sum(axis=1, keepdims=True))
    # In glTF v grows downwards, so a texture that is not mirrored has its "up" at normal × tangent.
    up = np.cross(normals, tangents) * -np.where(handed == 0, -1, handed)[faces]
    return unit(tangents * bumps[:, :1] + up * bumps[:, 1:2] + normals * bumps[:, 2:3])
