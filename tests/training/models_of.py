"""Small models as files."""

from pathlib import Path

import numpy as np
import trimesh


def write_box(path: Path, extents: tuple[float, float, float], color: tuple[int, int, int]) -> None:
    """Write a box with vertices of a linear colour."""
    mesh = trimesh.creation.box(extents)
    mesh.visual.vertex_colors = np.array([*color, 255], np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    mesh.export(path)


def write_models(folder: Path) -> None:
    """Write six models, named by what they are."""
    sizes = {
        "red brick": (1.0, 0.5, 0.5),
        "tall box": (0.4, 1.0, 0.4),
        "flat board": (1.0, 0.1, 0.8),
        "cube": (1.0, 1.0, 1.0),
        "long beam": (0.2, 0.2, 1.0),
        "low box": (1.0, 0.3, 1.0),
    }
    for name, extents in sizes.items():
        write_box(folder / f"{name.replace(' ', '_')}.glb", extents, (200, 40, 30))
