"""Texture coordinates of which no place is used twice, for lightmaps and painting."""

from dataclasses import replace

import numpy as np
import xatlas

from vrbridge.errors import GeneratorFailed
from vrbridge.generators.mesh.prop import Part, Prop


def unwrapped(prop: Prop) -> Prop:
    """Return a prop whose parts share one atlas: texture coordinates from 0 to 1 that don't overlap.

    Source:
        Jonathan Young, xatlas.

    Raises:
        GeneratorFailed: If it can't be cut open.
    """
    atlas = xatlas.Atlas()
    for part in prop.parts:
        # Vertices that were split for normals or other coordinates are one place to cut.
        places, faces = np.unique(part.vertices, axis=0, return_inverse=True)
        atlas.add_mesh(places.astype(np.float32), faces.reshape(-1)[part.faces].astype(np.uint32))
    atlas.generate()
    return Prop(tuple(_with_coordinates(part, *atlas[i][1:]) for i, part in enumerate(prop.parts)))


def _with_coordinates(part: Part, faces: np.ndarray, uv: np.ndarray) -> Part:
    """Return the part with the texture coordinates (U, 2) of its faces' corners (F, 3)."""
    if len(faces) != len(part.faces):
        raise GeneratorFailed("The shape can't be unwrapped; ask for it without `unwrap`.")
    own, new = part.faces.reshape(-1).astype(np.int64), faces.reshape(-1).astype(np.int64)
    _, first, numbers = np.unique(own * (len(uv) + 1) + new, return_index=True, return_inverse=True)
    vertices = own[first]
    coordinates = uv[new[first]].astype(np.float32)
    # Rows of a picture count from the top.
    coordinates[:, 1] = 1 - coordinates[:, 1]
    return replace(
        part,
        vertices=part.vertices[vertices],
        normals=part.normals[vertices],
        colors=part.colors[vertices],
        uv=np.clip(coordinates, 0, 1),
        faces=numbers.reshape(-1, 3).astype(np.uint32),
    )
