"""Unwrapped props use no place of their picture twice."""

import numpy as np
import pytest

from tests.fakes import FakeTextEncoder
from vrbridge.generators.mesh.procedural import ProceduralMeshes
from vrbridge.generators.mesh.prop import Prop
from vrbridge.generators.mesh.unwrapping import unwrapped


def prop_of(prompt: str) -> Prop:
    return dict(ProceduralMeshes(FakeTextEncoder()).draft(prompt, seed=1).levels((600,)))[0]


@pytest.mark.parametrize("prompt", ["wooden crate", "oak barrel", "wooden chair"])
def test_faces_stay_what_they_are_and_share_no_texel(prompt: str) -> None:
    before, after = prop_of(prompt), unwrapped(prop_of(prompt))
    assert after.n_faces == before.n_faces
    used = np.zeros((512, 512), int)
    for old, new in zip(before.parts, after.parts, strict=True):
        assert np.array_equal(new.vertices[new.faces], old.vertices[old.faces])
        assert np.array_equal(new.normals[new.faces], old.normals[old.faces])
        assert new.uv.min() >= 0
        assert new.uv.max() <= 1
        for triangle in new.uv[new.faces] * 512:
            used += _inside(triangle, 512)
    # The border of two neighbours may share a texel's middle at most.
    assert (used > 1).mean() < 0.002
    assert (used > 0).mean() > 0.2


def _inside(triangle: np.ndarray, edge: int) -> np.ndarray:
    """Return which texels' middles lie well inside a triangle (3, 2)."""
    low = np.floor(triangle.min(0)).astype(int).clip(0, edge)
    high = np.ceil(triangle.max(0)).astype(int).clip(0, edge)
    mask = np.zeros((edge, edge), int)
    if (high <= low).any():
        return mask
    x, y = np.meshgrid(np.arange(low[0], high[0]) + 0.5, np.arange(low[1], high[1]) + 0.5)
    a, b, c = triangle
    area = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
    if abs(area) < 1e-9:
        return mask
    u = ((b[0] - x) * (c[1] - y) - (b[1] - y) * (c[0] - x)) / area
    v = ((c[0] - x) * (a[1] - y) - (c[1] - y) * (a[0] - x)) / area
    mask[low[1] : high[1], low[0] : high[0]] = (u > 0.01) & (v > 0.01) & (u + v < 0.99)
    return mask
