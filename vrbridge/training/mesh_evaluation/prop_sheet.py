"""The picture that people judge shapes by: many prompts, two seeds each."""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from PIL import Image

from vrbridge.client.mesh_reader import MeshPart
from vrbridge.client.pictures.prop import prop_picture
from vrbridge.generators.mesh.draft import MeshGenerator
from vrbridge.generators.mesh.prop import Part
from vrbridge.training.evaluation.sheet import Pixels, labelled_grid, side_by_side

SHEET_SEEDS: Final = (11, 12)

_PICTURE_PX: Final = 176
_COLUMNS: Final = 6
_AZIMUTH_RAD: Final = 0.65
_MAX_FACES: Final = 1500


def prop_sheet(
    generator: MeshGenerator, prompts: Sequence[str], on_picture: Callable[[int], None]
) -> Image.Image:
    """Return a page of things as a player sees them, the seeds of a prompt side by side.

    Args:
        generator: Makes them.
        prompts: In the order of the page.
        on_picture: Called with how many are done.

    Raises:
        GeneratorFailed: If a thing can't be made.
    """
    cells = []
    for number, prompt in enumerate(prompts):
        pictures = []
        for place, seed in enumerate(SHEET_SEEDS):
            pictures.append(picture_of(generator, prompt, seed))
            on_picture(number * len(SHEET_SEEDS) + place + 1)
        cells.append(side_by_side(pictures))
    return labelled_grid(cells, prompts, _COLUMNS)


def picture_of(generator: MeshGenerator, prompt: str, seed: int, *, size_px: int = _PICTURE_PX) -> Pixels:
    """Return a picture of the finest level of a thing, (size_px, size_px, 3) uint8 sRGB."""
    levels = dict(generator.draft(prompt, seed=seed).levels((_MAX_FACES,)))
    parts = [_shown(part) for part in levels[0].parts]
    return prop_picture(parts, {}, azimuth_rad=_AZIMUTH_RAD, size_px=size_px)


def _shown(part: Part) -> MeshPart:
    material = part.material
    return MeshPart(
        material=material.name,
        positions=part.vertices,
        faces=part.faces.astype(np.uint32),
        normals=part.normals,
        uv=part.uv,
        colors=part.colors,
        base_color=material.base_color,
        metallic=material.metallic,
        roughness=material.roughness,
    )
