"""GLB files without materials."""

import io

import numpy as np
import trimesh
from trimesh.visual import ColorVisuals

from vrbridge.training.bare_glb import bare_glb
from vrbridge.training.game_models.conversion import ColoredMesh


def test_another_reader_gets_back_what_went_in() -> None:
    vertices = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1], [0.5, 0.5, 0.5]], np.float32)
    colors = np.arange(15, dtype=np.uint8).reshape(5, 3)
    faces = np.array([[0, 1, 2], [0, 2, 3], [1, 2, 4]])
    content = bare_glb(ColoredMesh(vertices, faces, colors))
    mesh = trimesh.load_mesh(io.BytesIO(content), file_type="glb", process=False)
    assert np.array_equal(mesh.vertices, vertices)
    assert np.array_equal(mesh.faces, faces)
    assert isinstance(mesh.visual, ColorVisuals)
    assert np.array_equal(mesh.visual.vertex_colors[:, :3], colors)
    assert len(content) % 4 == 0
