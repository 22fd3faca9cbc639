import numpy as np
import pytest

from tests.training.evaluation.patches import Pixels, plain
from vrbridge.generators.texture.maps import TextureMaps
from vrbridge.training.evaluation.lighting import lit


def middle(picture: Pixels) -> float:
    half = len(picture) // 2
    return float(picture[half - 4 : half + 4, half - 4 : half + 4].mean())


def test_the_middle_of_a_matte_grey_keeps_its_colour() -> None:
    for grey in (100, 140, 180):
        assert middle(lit(plain((grey, grey, grey)))) == pytest.approx(grey, abs=10)


def test_a_slope_towards_the_lamp_is_brighter_than_one_away_from_it() -> None:
    flat = middle(lit(plain()))
    # The lamp is at the upper left.
    assert middle(lit(plain(normal=(-0.5, 0.0, 1.0)))) > flat + 5
    assert middle(lit(plain(normal=(0.0, 0.5, 1.0)))) > flat + 5
    assert middle(lit(plain(normal=(0.5, 0.0, 1.0)))) < flat - 15
    assert middle(lit(plain(normal=(0.0, -0.5, 1.0)))) < flat - 15


def test_a_hollow_that_sees_no_sky_is_darker() -> None:
    assert middle(lit(plain(occlusion=0.2))) < middle(lit(plain())) - 8


def test_gloss_has_a_highlight_towards_the_lamp_and_roughness_has_none() -> None:
    glossy, rough = lit(plain(roughness=0.25)), lit(plain(roughness=1.0))
    assert int(glossy.max()) > int(rough.max()) + 40
    row, column = np.unravel_index(int(glossy.sum(axis=2).argmax()), glossy.shape[:2])
    assert row < len(glossy) / 2
    assert column < len(glossy) / 2


def test_metal_tints_its_highlight_and_plastic_does_not() -> None:
    red = (200, 40, 40)

    def saturation(metallic: float) -> float:
        picture = lit(plain(red, roughness=0.4, metallic=metallic)).astype(float)
        shine = picture.reshape(-1, 3)[picture.sum(axis=2).argmax()]
        return float(shine[0] - shine[2])

    assert saturation(1.0) > saturation(0.0) + 40


def test_the_tile_is_repeated_without_a_seam() -> None:
    stripes = plain().base_color.copy()
    stripes[:, :32] = 200
    maps = TextureMaps(stripes, plain().normal, plain().orm, plain().height)
    row = lit(maps, tiles=3, size_px=192)[96].mean(axis=1)
    edges = np.flatnonzero(np.abs(np.diff(row)) > 20)
    np.testing.assert_array_equal(edges, [31, 63, 95, 127, 159])


@pytest.mark.parametrize("map_px", [16, 64, 256, 1024])
@pytest.mark.parametrize("size_px", [96, 128])
def test_any_size_of_map_gives_the_size_asked_for(map_px: int, size_px: int) -> None:
    picture = lit(plain(size_px=map_px), size_px=size_px)
    assert picture.shape == (size_px, size_px, 3)
    assert picture.dtype == np.uint8
    assert middle(picture) == pytest.approx(125, abs=5)
