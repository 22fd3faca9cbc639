"""glTF 2.0 in one binary file that needs no extension to be read.

Source:
    Khronos glTF 2.0 specification, parts 3 (properties) and 4 (GLB).
"""

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from vrbridge.encoding.primitive import Material, Primitive, index_type

MEDIA_TYPE: Final = "model/gltf-binary"

_MAGIC: Final = 0x46546C67
_JSON_CHUNK: Final = 0x4E4F534A
_BIN_CHUNK: Final = 0x004E4942
_WORDS: Final = struct.Struct("<3I")
_CHUNK: Final = struct.Struct("<2I")
_ARRAY_BUFFER: Final = 34962
_ELEMENT_ARRAY_BUFFER: Final = 34963
_COMPONENT_TYPES: Final = {"uint8": 5121, "uint16": 5123, "uint32": 5125, "float32": 5126}
_VECTOR_TYPES: Final = {1: "SCALAR", 2: "VEC2", 3: "VEC3", 4: "VEC4"}
_LINEAR: Final = 9729
_LINEAR_MIPMAP_LINEAR: Final = 9987
_REPEAT: Final = 10497

_Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class MaterialImages:
    """Pictures to embed for one material, for files that leave the bridge.

    Args:
        base_color: PNG or JPEG, sRGB. It replaces the vertex colours and the colour factor, which only stand
            in for it.
        normal: PNG or JPEG, +Y up.
        orm: PNG or JPEG: occlusion, roughness, metallic. It replaces the material's factors.
        metres_per_tile: Edge of one picture on the surface; the texture coordinates, in metres, are divided
            by it, because not every viewer knows KHR_texture_transform.
    """

    base_color: bytes | None = None
    normal: bytes | None = None
    orm: bytes | None = None
    metres_per_tile: float = 1.0


def write_glb(
    primitives: Sequence[Primitive],
    *,
    name: str,
    extras: Mapping[str, Any] | None = None,
    images: Mapping[str, MaterialImages] | None = None,
) -> bytes:
    """Return a GLB file with one mesh on one node.

    Args:
        primitives: Drawn in this order; equal materials are stored once.
        name: Of mesh, node and scene.
        extras: JSON values for the node; engines show them as metadata.
        images: By name of the material. None embeds nothing, as on the wire.

    Raises:
        ValueError: If there are no primitives, `extras` is not JSON, an image is neither PNG nor JPEG, or a
            material with images has no texture coordinates.
    """
    if not primitives:
        raise ValueError("A mesh needs at least one primitive.")
    writer = _Writer(images or {})
    mesh = {"name": name, "primitives": [writer.primitive(primitive) for primitive in primitives]}
    node: _Json = {"name": name, "mesh": 0}
    if extras:
        node["extras"] = dict(extras)
    return glb_container(writer.document(mesh, node), bytes(writer.buffer))


class _Writer:
    """Collects the binary buffer and the lists of the document that point into it."""

    def __init__(self, images: Mapping[str, MaterialImages]) -> None:
        self.buffer = bytearray()
        self._images = images
        self._views: list[_Json] = []
        self._accessors: list[_Json] = []
        self._materials: list[_Json] = []
        self._material_numbers: dict[Material, int] = {}
        self._pictures: list[_Json] = []
        self._picture_numbers: dict[bytes, int] = {}

    def primitive(self, primitive: Primitive) -> _Json:
        images = self._images.get(primitive.material.name)
        attributes = {
            "POSITION": self._vertices(primitive.positions, with_bounds=True),
            "NORMAL": self._vertices(primitive.normals),
        }
        if primitive.uv is not None:
            scale = 1.0 if images is None else images.metres_per_tile
            if not scale > 0:
                raise ValueError(f"metres_per_tile must be positive, not {scale}.")
            attributes["TEXCOORD_0"] = self._vertices(primitive.uv / np.float32(scale))
        elif images is not None:
            raise ValueError(f"Material `{primitive.material.name}` has images but no texture coordinates.")
        if primitive.colors is not None and not (images and images.base_color):
            attributes["COLOR_0"] = self._vertices(primitive.colors)
        return {
            "attributes": attributes,
            "indices": self._indices(primitive),
            "material": self._material(primitive.material, images),
            "mode": 4,
        }

    def document(self, mesh: _Json, node: _Json) -> _Json:
        document = {
            "asset": {"version": "2.0", "generator": "vrbridge"},
            "scene": 0,
            "scenes": [{"name": mesh["name"], "nodes": [0]}],
            "nodes": [node],
            "meshes": [mesh],
            "materials": self._materials,
            "accessors": self._accessors,
            "bufferViews": self._views,
            "buffers": [{"byteLength": len(self.buffer)}],
        }
        if self._pictures:
            # Two of the same picture would be decoded and uploaded twice, so textures are pictures.
            textures = [{"sampler": 0, "source": number} for number in range(len(self._pictures))]
            sampler = {
                "magFilter": _LINEAR,
                "minFilter": _LINEAR_MIPMAP_LINEAR,
                "wrapS": _REPEAT,
                "wrapT": _REPEAT,
            }
            document |= {"images": self._pictures, "samplers": [sampler], "textures": textures}
        return document

    def _vertices(self, values: NDArray[np.generic], *, with_bounds: bool = False) -> int:
        accessor = self._accessor(values, target=_ARRAY_BUFFER)
        if values.dtype == np.uint8:
            accessor["normalized"] = True
        if with_bounds:
            accessor |= {"min": values.min(axis=0).tolist(), "max": values.max(axis=0).tolist()}
        return len(self._accessors) - 1

    def _indices(self, primitive: Primitive) -> int:
        indices = primitive.faces.reshape(-1, 1).astype(index_type(len(primitive.positions)))
        self._accessor(indices, target=_ELEMENT_ARRAY_BUFFER)
        return len(self._accessors) - 1

    def _accessor(self, values: NDArray[np.generic], *, target: int) -> _Json:
        little_endian = values.astype(values.dtype.newbyteorder("<"), copy=False)
        accessor: _Json = {
            "bufferView": self._view(little_endian.tobytes(), target=target),
            "componentType": _COMPONENT_TYPES[values.dtype.name],
            "count": len(values),
            "type": _VECTOR_TYPES[values.shape[1]],
        }
        self._accessors.append(accessor)
        return accessor

    def _view(self, data: bytes, *, target: int | None = None) -> int:
        self.buffer += bytes(-len(self.buffer) % 4)
        view = {"buffer": 0, "byteOffset": len(self.buffer), "byteLength": len(data)}
        self._views.append(view if target is None else {**view, "target": target})
        self.buffer += data
        return len(self._views) - 1

    def _material(self, material: Material, images: MaterialImages | None) -> int:
        if material not in self._material_numbers:
            self._material_numbers[material] = len(self._materials)
            self._materials.append(self._material_json(material, images or MaterialImages()))
        return self._material_numbers[material]

    def _material_json(self, material: Material, images: MaterialImages) -> _Json:
        surface: _Json = {
            "baseColorFactor": list(material.base_color),
            "metallicFactor": material.metallic,
            "roughnessFactor": material.roughness,
        }
        document: _Json = {"name": material.name, "pbrMetallicRoughness": surface}
        if material.base_color[3] < 1:
            document["alphaMode"] = "BLEND"
        if images.base_color is not None:
            surface["baseColorFactor"] = [1.0, 1.0, 1.0, material.base_color[3]]
            surface["baseColorTexture"] = self._picture(images.base_color)
        if images.orm is not None:
            surface |= {"metallicFactor": 1.0, "roughnessFactor": 1.0}
            surface["metallicRoughnessTexture"] = self._picture(images.orm)
            document["occlusionTexture"] = self._picture(images.orm)
        if images.normal is not None:
            document["normalTexture"] = self._picture(images.normal)
        return document

    def _picture(self, data: bytes) -> _Json:
        if data not in self._picture_numbers:
            self._picture_numbers[data] = len(self._pictures)
            self._pictures.append({"bufferView": self._view(data), "mimeType": _image_type(data)})
        return {"index": self._picture_numbers[data]}


def _image_type(data: bytes) -> str:
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    raise ValueError("glTF embeds PNG and JPEG pictures only.")


def glb_container(document: dict[str, Any], binary: bytes) -> bytes:
    """Return a GLB file of a glTF document and the bytes of its one buffer.

    Raises:
        ValueError: If the document is not JSON.
    """
    try:
        text = json.dumps(document, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
    except TypeError as error:
        raise ValueError(f"extras can't be written as JSON: {error}.") from error
    text += b" " * (-len(text) % 4)
    binary += bytes(-len(binary) % 4)
    total = _WORDS.size + 2 * _CHUNK.size + len(text) + len(binary)
    return b"".join(
        (
            _WORDS.pack(_MAGIC, 2, total),
            *(_CHUNK.pack(len(text), _JSON_CHUNK), text),
            *(_CHUNK.pack(len(binary), _BIN_CHUNK), binary),
        )
    )
