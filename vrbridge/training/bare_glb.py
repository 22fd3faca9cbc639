"""GLB files with colours in their vertices and no material.

A material would make some readers pass over the colours, and training has no use for one.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vrbridge.encoding.glb import glb_container
from vrbridge.encoding.primitive import index_type
from vrbridge.training.game_models.conversion import ColoredMesh

_FLOAT, _BYTE = 5126, 5121
_INDICES = {"uint16": 5123, "uint32": 5125}
_VERTEX_BUFFER, _INDEX_BUFFER = 34962, 34963


def bare_glb(mesh: ColoredMesh) -> bytes:
    """Return a GLB file with POSITION and a linear COLOR_0."""
    opaque = np.full((len(mesh.colors), 1), 255, np.uint8)
    indices = mesh.faces.ravel().astype(index_type(len(mesh.vertices)))
    arrays: list[NDArray[Any]] = [
        mesh.vertices.astype("<f4"),
        np.concatenate([mesh.colors, opaque], 1),
        indices.astype(indices.dtype.newbyteorder("<")),
    ]
    buffer = bytearray()
    views = []
    for values, target in zip(arrays, (_VERTEX_BUFFER, _VERTEX_BUFFER, _INDEX_BUFFER), strict=True):
        views.append({"buffer": 0, "byteOffset": len(buffer), "byteLength": values.nbytes, "target": target})
        buffer += values.tobytes()
        buffer += bytes(-len(buffer) % 4)
    n = len(mesh.vertices)
    document = {
        "asset": {"version": "2.0", "generator": "vrbridge"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0, "COLOR_0": 1}, "indices": 2}]}],
        "accessors": [
            {
                "bufferView": 0,
                "componentType": _FLOAT,
                "count": n,
                "type": "VEC3",
                "min": mesh.vertices.min(0).tolist(),
                "max": mesh.vertices.max(0).tolist(),
            },
            {"bufferView": 1, "componentType": _BYTE, "normalized": True, "count": n, "type": "VEC4"},
            {
                "bufferView": 2,
                "componentType": _INDICES[indices.dtype.name],
                "count": len(indices),
                "type": "SCALAR",
            },
        ],
        "bufferViews": views,
        "buffers": [{"byteLength": len(buffer)}],
    }
    return glb_container(document, bytes(buffer))
