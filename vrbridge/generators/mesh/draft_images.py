"""Reference images that show what the embedded generator builds."""

import math
from collections.abc import Generator

import numpy as np
from numpy.typing import NDArray

from vrbridge.generators.mesh.model_source import ModelRequest
from vrbridge.generators.mesh.prop import Part, Prop
from vrbridge.generators.mesh.reference_image import SIZE_PX, Pixels
from vrbridge.rendering.camera import direction, framed
from vrbridge.rendering.raster import Floats, mixed, rasterize
from vrbridge.rendering.shading import halved, shade, to_picture, unit

# As fine as things usually are, whatever was asked for: a thing of 50 faces shows little.
_FACES = 1500
# From the front, its right side and a little above, as product pictures are taken.
_AZIMUTH_RAD = math.radians(35)
_ELEVATION_RAD = math.radians(20)
_FOV_RAD = math.radians(28)
# From the upper left behind the camera, so that no side in sight is dark.
_LIGHT_AZIMUTH_RAD = _AZIMUTH_RAD - math.radians(40)
_LIGHT_ELEVATION_RAD = math.radians(50)
_LIGHT = np.array([3.3, 3.3, 3.2], np.float32)
_LEAST_COVER = 1e-3


class DraftImages:
    """Renders drafts, offline; see `ReferenceImages`."""

    is_of_draft = True

    def generate(self, request: ModelRequest) -> Generator[float, None, Pixels]:
        """Yield how far it is, and return the image."""
        yield 0.0
        finest = dict(request.draft.levels((_FACES,)))[0]
        yield 0.5
        return rendering(finest)


def rendering(prop: Prop, *, size_px: int = SIZE_PX) -> Pixels:
    """Return a thing in its vertex colours, in even light, with nothing around it.

    Args:
        prop: Any.
        size_px: Edge of the image.
    """
    positions, normals, faces, looks = _whole(prop)
    eye, camera = framed(positions, direction(_AZIMUTH_RAD, _ELEVATION_RAD), fov_rad=_FOV_RAD)
    # Twice the size, for smooth edges.
    seen = rasterize(positions, faces, camera, 2 * size_px, cull=False)
    corners = faces[seen.faces]
    look = mixed(looks, corners, seen.weights)
    light = np.zeros((2 * size_px, 2 * size_px, 4), np.float32)
    light[seen.rows, seen.columns, 3] = 1
    light[seen.rows, seen.columns, :3] = shade(
        albedo=look[:, :3],
        normal=unit(mixed(normals, corners, seen.weights)),
        to_eye=unit(eye - mixed(positions, corners, seen.weights)),
        to_light=direction(_LIGHT_AZIMUTH_RAD, _LIGHT_ELEVATION_RAD),
        light=_LIGHT,
        occlusion=np.ones((len(corners), 1), np.float32),
        roughness=look[:, 3:4],
        metallic=look[:, 4:],
    )
    return _developed(halved(light))


def _whole(prop: Prop) -> tuple[Floats, Floats, NDArray[np.uint32], Floats]:
    """Return positions, normals and faces of all parts, and (V, 5): linear colour, roughness, metallic."""
    starts = np.cumsum([0, *(len(part.vertices) for part in prop.parts)])
    return (
        np.concatenate([part.vertices for part in prop.parts]),
        np.concatenate([part.normals for part in prop.parts]),
        np.concatenate([part.faces + np.uint32(at) for part, at in zip(prop.parts, starts, strict=False)]),
        np.concatenate([_looks(part) for part in prop.parts]),
    )


def _looks(part: Part) -> Floats:
    material = part.material
    looks = np.empty((len(part.vertices), 5), np.float32)
    looks[:, :3] = part.colors[:, :3] / np.float32(255) * np.array(material.base_color[:3], np.float32)
    looks[:, 3:] = material.roughness, material.metallic
    return looks


def _developed(light: Floats) -> Pixels:
    """Return (H, W, 4) light and the share of each pixel that it comes from as an image."""
    cover = light[..., 3]
    is_seen = cover > _LEAST_COVER
    pixels = np.full(light.shape, 255, np.uint8)
    pixels[is_seen, :3] = to_picture(light[is_seen, :3] / cover[is_seen, None])
    pixels[..., 3] = (cover * 255).round().astype(np.uint8)
    return pixels
