import numpy as np
import pytest

from tests.encoding.samples import tile
from vrbridge.training.evaluation.seams import MAX_SEAM_RATIO, seams


def test_a_tile_has_no_seam_wherever_it_is_cut() -> None:
    # Every line is the border once, so the mean is exact.
    everywhere = seams([np.roll(tile(), shift, (0, 1)) for shift in range(64)])
    assert everywhere.ratio == pytest.approx(1.0, abs=1e-6)
    assert everywhere.ratio < MAX_SEAM_RATIO
    assert everywhere.visible == 0


@pytest.mark.parametrize("axis", [0, 1])
def test_a_picture_that_does_not_tile_has_one(axis: int) -> None:
    ramp = np.repeat(np.arange(0, 256, 4, dtype=np.uint8)[:, None], 64, 1)
    found = seams([ramp if axis == 0 else ramp.T])
    # Steps of 4 inside and of 252 from the last line to the first; none in the other direction.
    assert found.ratio == pytest.approx(63.0)
    assert found.visible == 1.0


def test_steps_are_not_counted_round_the_corner_of_eight_bits() -> None:
    dark_to_bright = np.zeros((4, 4), np.uint8)
    dark_to_bright[:, 3] = 255
    assert seams([dark_to_bright]).ratio == pytest.approx(255 / (255 / 3))


def test_between_blocks_only_lines_between_blocks_are_compared() -> None:
    # Steps of 40 between blocks of 4 and none inside them, which tiles at 16 and has no seam.
    row = np.array([0, 40, 80, 40], np.uint8).repeat(4)
    blocks = np.repeat(row[None], 16, 0)
    assert seams([blocks], block_px=4).ratio == pytest.approx(1.0)
    assert seams([blocks]).ratio == pytest.approx(40 / (120 / 15))


def test_one_bad_tile_among_good_ones_counts_for_its_share() -> None:
    ramp = np.repeat(np.arange(0, 256, 4, dtype=np.uint8)[:, None], 64, 1)
    assert seams([tile(channels=1)[..., 0], ramp, tile(channels=1)[..., 0], tile()[..., 1]]).visible == 0.25


def test_flat_maps_have_no_seam() -> None:
    flat = np.full((16, 16, 3), 40, np.uint8)
    assert seams([flat]).ratio == 1.0
    assert seams([flat]).visible == 0
    # A rounding step at the border of an otherwise flat map is invisible.
    almost = flat.copy()
    almost[0, :8] = 41
    assert seams([almost]).visible == 0


def test_no_tiles_have_no_seams() -> None:
    with pytest.raises(ValueError, match="tiles"):
        seams([])
