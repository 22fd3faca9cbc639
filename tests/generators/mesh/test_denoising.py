"""Stairs of cells become flat, and edges stay where they are."""

import numpy as np

from tests.generators.mesh.solids_of import ball
from vrbridge.generators.mesh.denoising import denoised
from vrbridge.generators.mesh.extraction import surface_of
from vrbridge.generators.mesh.volume import SPAN


def test_a_box_of_noisy_cells_gets_flat_sides_and_keeps_its_size() -> None:
    from tests.generators.mesh.solids_of import brick

    rough = brick(22, 12, 16) + np.random.default_rng(0).normal(0, 0.25, (64, 64, 64)).astype(np.float32)
    before, after = surface_of(rough), denoised(surface_of(rough))

    def unevenness(points: np.ndarray) -> float:
        cells = points * SPAN
        is_top = (cells[:, 1] > 8) & (np.abs(cells[:, 0]) < 18) & (np.abs(cells[:, 2]) < 12)
        return float(cells[is_top, 1].std())

    assert unevenness(after.vertices) < 0.4 * unevenness(before.vertices)
    extent = np.ptp(after.vertices, axis=0) * SPAN
    assert np.abs(extent - (44, 24, 32)).max() < 1.5


def test_a_ball_stays_round_and_as_large() -> None:
    radii = np.linalg.norm(denoised(surface_of(ball(20))).vertices, axis=1) * SPAN
    assert abs(radii.mean() - 20) < 0.2
    assert radii.std() < 0.3
