"""Materials and meshes as files that any viewer opens."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np

from vrbridge.client.events import Asset
from vrbridge.client.mesh_reader import MeshPart, read_mesh
from vrbridge.client.results import Material, Mesh
from vrbridge.client.texture_reader import read_texture
from vrbridge.encoding import image
from vrbridge.encoding.glb import MaterialImages, write_glb
from vrbridge.encoding.primitive import Material as Factors
from vrbridge.encoding.primitive import Primitive

_TILES: Final = 3
_MAX_TILE_PX: Final = 512


def write_material(material: Material, folder: Path) -> list[Path]:
    """Write one PNG a map and `tiled.png`, the colour three by three, into a folder.

    Returns:
        The files, in the order they were written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pictures = {role: _png(asset) for role, asset in material.maps.items()}
    if "base_color" in material.maps:
        pictures["tiled"] = tiled_png(material.maps["base_color"])
    written = []
    for name, data in pictures.items():
        path = folder / f"{name}.png"
        path.write_bytes(data)
        written.append(path)
    return written


def write_mesh(mesh: Mesh, file: Path, *, name: str) -> None:
    """Write the finest level with its textures as one GLB file.

    Raises:
        ValueError: If the server sent no level, or a damaged one.
    """
    if not mesh.lods:
        raise ValueError("The server sent no geometry.")
    images = {material: _images(maps) for material, maps in mesh.textures.items()}
    extras = {key: value for key, value in mesh.result.items() if isinstance(value, str | int | float)}
    file.parent.mkdir(parents=True, exist_ok=True)
    primitives = [_primitive(part) for part in read_mesh(mesh.lods[0].data)]
    file.write_bytes(write_glb(primitives, name=name, extras=extras, images=images))


def tiled_png(base_color: Asset) -> bytes:
    """Return a PNG of the map repeated three by three, on which a seam would show."""
    pixels = read_texture(base_color)[..., :3]
    step = max(1, pixels.shape[0] // _MAX_TILE_PX)
    return image.png(np.ascontiguousarray(np.tile(pixels[::step, ::step], (_TILES, _TILES, 1))), level=6)


def _primitive(part: MeshPart) -> Primitive:
    return Primitive(
        positions=part.positions,
        faces=part.faces,
        normals=part.normals,
        uv=part.uv,
        colors=part.colors,
        material=Factors(part.material, part.base_color, part.metallic, part.roughness),
    )


def _images(maps: Mapping[str, Asset]) -> MaterialImages:
    pictures = {role: _png(maps[role]) for role in ("base_color", "normal", "orm") if role in maps}
    scale = next(iter(maps.values())).meta.get("metres_per_tile", 1.0)
    return MaterialImages(
        base_color=pictures.get("base_color"),
        normal=pictures.get("normal"),
        orm=pictures.get("orm"),
        metres_per_tile=scale,
    )


def _png(asset: Asset) -> bytes:
    if asset.media_type == "image/png":
        return asset.data
    pixels = read_texture(asset)
    # Alpha is not used by materials; as a PNG it would make them look transparent in some viewers.
    n_channels = 1 if asset.role == "height" else min(3, pixels.shape[2])
    return image.png(np.ascontiguousarray(pixels[..., :n_channels]), level=6)
