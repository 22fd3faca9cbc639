"""Pictures of everything that arrived on a walk."""

import io
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from vrbridge.client.demo.visit import Arrival, Visit
from vrbridge.client.events import Asset
from vrbridge.client.mesh_reader import read_mesh
from vrbridge.client.pictures.material import ball_picture, flat_picture, lit_picture
from vrbridge.client.pictures.prop import prop_picture
from vrbridge.client.pictures.surface import Surface
from vrbridge.client.results import Material, Mesh
from vrbridge.client.texture_reader import read_texture

_LIT_PX: Final = 640
_FLAT_PX: Final = 384
_BALL_PX: Final = 320
_PROP_PX: Final = 512
_MAP_PX: Final = 128
_QUALITY: Final = 84
# From the right front, and from the left back; not opposite, or a table would look the same twice.
_SIDES_RAD: Final = (math.radians(32), math.radians(238))


@dataclass(frozen=True, slots=True)
class MaterialExhibit:
    """A material as JPEG files: three tiles by three in light and without, a ball, and each map small."""

    arrival: Arrival
    material: Material
    lit: bytes
    flat: bytes
    ball: bytes
    maps: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class PropExhibit:
    """A prop as JPEG files, seen from two sides, and the faces of its levels, the finest first."""

    arrival: Arrival
    mesh: Mesh
    views: tuple[bytes, ...]
    faces: tuple[int, ...]


def material_exhibit(arrival: Arrival, material: Material) -> MaterialExhibit:
    """Return the pictures of a material.

    Raises:
        ValueError: If its maps can't be read here.
    """
    surface = Surface.of(material.maps)
    return MaterialExhibit(
        arrival=arrival,
        material=material,
        lit=jpeg(lit_picture(surface, _LIT_PX)),
        flat=jpeg(flat_picture(surface, _FLAT_PX)),
        ball=jpeg(ball_picture(surface, _BALL_PX)),
        maps={role: _small(asset) for role, asset in material.maps.items()},
    )


def prop_exhibit(arrival: Arrival, mesh: Mesh) -> PropExhibit:
    """Return the pictures of a prop.

    Raises:
        ValueError: If its geometry or its textures can't be read here.
    """
    parts = read_mesh(mesh.lods[0].data)
    surfaces = {name: Surface.of(maps) for name, maps in mesh.textures.items()}
    views = (prop_picture(parts, surfaces, azimuth_rad=side, size_px=_PROP_PX) for side in _SIDES_RAD)
    return PropExhibit(
        arrival=arrival,
        mesh=mesh,
        views=tuple(jpeg(view) for view in views),
        faces=tuple(int(level.meta["faces"]) for level in mesh.lods),
    )


def exhibits_of(
    visit: Visit, *, on_exhibit: Callable[[int], None]
) -> tuple[list[MaterialExhibit], list[PropExhibit]]:
    """Return the pictures of a whole walk; calls back with how many exhibits are done."""
    materials, props = [], []
    for arrival, material in visit.materials:
        materials.append(material_exhibit(arrival, material))
        on_exhibit(len(materials))
    for arrival, mesh in visit.props:
        props.append(prop_exhibit(arrival, mesh))
        on_exhibit(len(materials) + len(props))
    return materials, props


def jpeg(pixels: npt.NDArray[np.uint8]) -> bytes:
    """Return a (H, W, 3) picture as a file."""
    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(file, "JPEG", quality=_QUALITY, optimize=True)
    return file.getvalue()


def _small(asset: Asset) -> bytes:
    pixels = read_texture(asset)
    gray_or_color = pixels[..., :3] if pixels.shape[2] >= 3 else np.repeat(pixels[..., :1], 3, axis=2)
    picture = Image.fromarray(np.ascontiguousarray(gray_or_color)).resize(
        (_MAP_PX, _MAP_PX), Image.Resampling.BOX
    )
    return jpeg(np.asarray(picture))
