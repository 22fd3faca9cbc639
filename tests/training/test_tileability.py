"""Whether opposite edges meet."""

import numpy as np

from tests.training.pictures import noise
from vrbridge.training.tileability import seam_ratios


def test_a_periodic_picture_tiles_wherever_it_is_cut() -> None:
    for shift in (0, 7, 31):
        ratios = seam_ratios(np.roll(noise(1), (shift, 2 * shift), (0, 1)))
        assert ratios.mean < 1.7
        assert ratios.is_tileable


def test_a_picture_cut_out_of_a_larger_one_does_not() -> None:
    for axes in ((0, 1), (1, 0)):
        cut = noise(1, 256, 256)[:90, :256].transpose(*axes, 2)
        assert not seam_ratios(cut).is_tileable


def test_a_picture_of_one_colour_tiles() -> None:
    assert seam_ratios(np.full((64, 64, 3), 90, np.uint8)) == (0, 0)
