"""Cameras see all of a thing, as near as that allows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vrbridge.rendering.camera import direction, framed

_angle = st.floats(-3, 3)
_edge = st.floats(0.01, 100)


def test_directions_are_those_of_the_scene() -> None:
    assert direction(0, 0) == pytest.approx((0, 0, 1))
    assert direction(np.pi / 2, 0) == pytest.approx((1, 0, 0), abs=1e-6)
    assert direction(0.4, np.pi / 2) == pytest.approx((0, 1, 0), abs=1e-6)


@given(azimuth=_angle, elevation=st.floats(-1.4, 1.4), edges=st.tuples(_edge, _edge, _edge))
def test_a_whole_thing_is_in_the_picture_and_fills_it(
    azimuth: float, elevation: float, edges: tuple[float, float, float]
) -> None:
    signs = np.array(np.meshgrid([-1, 1], [-1, 1], [-1, 1])).reshape(3, 8).T
    corners = (signs * np.array(edges) / 2 + 7).astype(np.float32)
    eye, camera = framed(corners, direction(azimuth, elevation), fov_rad=0.5)
    clip = np.column_stack([corners, np.ones(8)]) @ camera.T
    assert (clip[:, 3] > 0).all()
    flat = np.abs(clip[:, :3] / clip[:, 3:])
    assert flat.max() < 1
    # Of a long thing that points at the camera, the far end is small.
    assert flat[:, :2].max() > 0.6 or max(edges) > 3 * min(edges)
    assert np.linalg.norm(eye - 7) > max(edges) / 2
