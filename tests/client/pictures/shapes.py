"""Simple things to draw."""

import io

import numpy as np
import numpy.typing as npt
from PIL import Image

from vrbridge.client.events import Asset
from vrbridge.client.mesh_reader import MeshPart
from vrbridge.client.pictures.surface import Surface


def square(*, color: tuple[float, float, float] = (1, 1, 1), name: str = "wall") -> MeshPart:
    """Return a square metre that stands on the floor and faces +Z; u to the right, v down."""
    return MeshPart(
        material=name,
        positions=np.array([[-0.5, 0, 0], [0.5, 0, 0], [0.5, 1, 0], [-0.5, 1, 0]], np.float32),
        faces=np.array([[0, 1, 2], [0, 2, 3]], np.uint32),
        normals=np.tile(np.array([0, 0, 1], np.float32), (4, 1)),
        uv=np.array([[0, 1], [1, 1], [1, 0], [0, 0]], np.float32),
        colors=None,
        base_color=(*color, 1.0),
        metallic=0.0,
        roughness=0.9,
    )


def surface(
    *,
    color: npt.NDArray[np.uint8] | tuple[int, int, int] = (255, 255, 255),
    normal: tuple[int, int, int] = (128, 128, 255),
    orm: tuple[int, int, int] = (255, 230, 0),
) -> Surface:
    """Return a surface of one metre a tile with one value a map, or a picture as its colour."""
    colors = np.asarray(color, np.uint8)
    edge_px = 8 if colors.ndim == 1 else len(colors)
    maps = {"base_color": colors, "normal": np.asarray(normal), "orm": np.asarray(orm)}
    return Surface.of(
        {
            role: asset(role, np.broadcast_to(value, (edge_px, edge_px, 3)).astype(np.uint8))
            for role, value in maps.items()
        }
    )


def asset(role: str, pixels: npt.NDArray[np.uint8]) -> Asset:
    """Return a map as the server would send it."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return Asset(
        role=role, media_type="image/png", data=file.getvalue(), digest="", meta={"metres_per_tile": 1.0}
    )
