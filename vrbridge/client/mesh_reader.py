"""Geometry out of the plain GLB files that the bridge sends."""

import json
import struct
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

_MAGIC: Final = b"glTF"
_JSON_CHUNK: Final = 0x4E4F534A
_DTYPES: Final = {5121: "<u1", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
_WIDTHS: Final = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4}


@dataclass(frozen=True, slots=True)
class MeshPart:
    """The triangles of one material.

    Args:
        material: Name of the material; its textures go by the same name.
        positions: (V, 3) float32, metres, +Y up.
        faces: (F, 3) uint32, counter-clockwise seen from outside.
        normals: (V, 3) float32.
        uv: (V, 2) float32, metres on the surface, or None.
        colors: (V, 4) uint8, linear, or None.
        base_color: Linear factor of the colours, RGBA.
        metallic: 0–1.
        roughness: 0–1.
    """

    material: str
    positions: npt.NDArray[np.float32]
    faces: npt.NDArray[np.uint32]
    normals: npt.NDArray[np.float32]
    uv: npt.NDArray[np.float32] | None
    colors: npt.NDArray[np.uint8] | None
    base_color: tuple[float, float, float, float]
    metallic: float
    roughness: float


def read_mesh(data: bytes) -> list[MeshPart]:
    """Return the triangles of the first mesh, one part a material.

    Raises:
        ValueError: If it is not a GLB file, or damaged, or has no triangles.
    """
    try:
        document, binary = _split(data)
        return [_part(entry, document, binary) for entry in document["meshes"][0]["primitives"]]
    except (struct.error, KeyError, IndexError, TypeError, json.JSONDecodeError) as error:
        raise ValueError("This GLB file is damaged.") from error


def _split(data: bytes) -> tuple[dict[str, Any], memoryview]:
    magic, version, length = struct.unpack_from("<4s2I", data)
    if magic != _MAGIC or version != 2 or length != len(data):
        raise ValueError("This is no GLB 2.0 file, or it is cut off.")
    json_bytes, kind = struct.unpack_from("<2I", data, 12)
    if kind != _JSON_CHUNK:
        raise ValueError("This GLB file does not start with its document.")
    document = json.loads(data[20 : 20 + json_bytes])
    return document, memoryview(data)[20 + json_bytes + 8 :]


def _part(entry: dict[str, Any], document: dict[str, Any], binary: memoryview) -> MeshPart:
    attributes = entry["attributes"]

    def values(name: str) -> npt.NDArray[Any] | None:
        return _accessor(document, binary, attributes[name]) if name in attributes else None

    material = document["materials"][entry["material"]]
    surface = material.get("pbrMetallicRoughness", {})
    red, green, blue, alpha = surface.get("baseColorFactor", (1.0, 1.0, 1.0, 1.0))
    return MeshPart(
        material=material.get("name", "material"),
        positions=_accessor(document, binary, attributes["POSITION"]),
        faces=_accessor(document, binary, entry["indices"]).reshape(-1, 3).astype(np.uint32),
        normals=_accessor(document, binary, attributes["NORMAL"]),
        uv=values("TEXCOORD_0"),
        colors=values("COLOR_0"),
        base_color=(red, green, blue, alpha),
        metallic=surface.get("metallicFactor", 1.0),
        roughness=surface.get("roughnessFactor", 1.0),
    )


def _accessor(document: dict[str, Any], binary: memoryview, number: int) -> npt.NDArray[Any]:
    accessor = document["accessors"][number]
    view = document["bufferViews"][accessor["bufferView"]]
    width = _WIDTHS[accessor["type"]]
    start = view.get("byteOffset", 0) + accessor.get("byteOffset", 0)
    count = accessor["count"] * width
    flat = np.frombuffer(binary, _DTYPES[accessor["componentType"]], count=count, offset=start)
    return flat.reshape(-1, width)
