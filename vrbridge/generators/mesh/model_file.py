"""Opens model files of unknown origin within bounds."""

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vrbridge.errors import DataError
from vrbridge.generators.mesh.voxels import Model

if TYPE_CHECKING:
    import trimesh

_MAX_FILE_BYTES = 256 << 20
_MAX_FACES = 5_000_000
_GRAY = 178


def open_model(path: Path, name: str) -> Model:
    """Return a model, moved to the origin and scaled to a longest side of 1.

    Args:
        path: GLB, glTF, OBJ, PLY or STL; +Y up, front +Z.
        name: What errors call it.

    Raises:
        DataError: If it can't be read, or holds no surface.
    """
    if path.stat().st_size > _MAX_FILE_BYTES:
        raise DataError(f"{name}: over 256 MiB.")
    return _read(path, None, name)


def read_glb(data: bytes, name: str) -> Model:
    """Return the model in a GLB file; see `open_model`. Files that it names elsewhere are not looked for.

    Args:
        data: The file.
        name: What errors call it.

    Raises:
        DataError: As `open_model` does.
    """
    return _read(io.BytesIO(data), "glb", name)


def _read(source: Path | io.BytesIO, kind: str | None, name: str) -> Model:
    # Here and not on top: it takes most of a second of a start, and few servers open a file.
    import trimesh

    try:
        mesh = trimesh.load(source, file_type=kind, force="mesh", process=False)
    except Exception as error:  # its readers raise whatever a damaged file leads them to
        raise DataError(f"{name}: can't be read as a model ({type(error).__name__}).") from error
    if not isinstance(mesh, trimesh.Trimesh) or not len(mesh.faces):
        raise DataError(f"{name}: holds no surface.")
    if len(mesh.faces) > _MAX_FACES:
        raise DataError(f"{name}: over {_MAX_FACES:,} faces.")
    vertices = np.asarray(mesh.vertices, float)
    used = vertices[np.unique(mesh.faces)]
    low, high = used.min(0), used.max(0)
    longest = float((high - low).max())
    if not np.isfinite(used).all() or longest <= 0:
        raise DataError(f"{name}: its vertices span no space.")
    return Model(
        vertices=((vertices - (low + high) / 2) / longest).astype(np.float32),
        faces=np.asarray(mesh.faces, np.int64),
        colors=_colors(mesh, len(vertices)),
    )


def _colors(mesh: "trimesh.Trimesh", n: int) -> NDArray[np.uint8]:
    """Return (V, 3) uint8 sRGB; gray where a model has no colours."""
    visual: Any = mesh.visual
    is_linear = visual.kind == "vertex"
    try:
        colors = np.asarray((visual if is_linear else visual.to_color()).vertex_colors)
    except Exception:  # noqa: BLE001 - colours are welcome, a model without them is a model
        colors = np.empty(0)
    if colors.shape[:1] != (n,) or visual.kind is None:
        return np.full((n, 3), _GRAY, np.uint8)
    return _srgb(colors[:, :3]) if is_linear else colors[:, :3].astype(np.uint8)


def _srgb(linear: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return sRGB of linear values, as glTF's vertex colours are."""
    share = linear / 255
    curve = np.where(share <= 0.0031308, share * 12.92, 1.055 * share ** (1 / 2.4) - 0.055)
    return (curve * 255).round().astype(np.uint8)
