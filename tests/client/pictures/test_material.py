"""Pictures of materials."""

import numpy as np
import numpy.typing as npt
import pytest

from tests.client.pictures.shapes import surface
from vrbridge.client.pictures.material import ball_picture, flat_picture, lit_picture


def gradient() -> npt.NDArray[np.uint8]:
    ramp = np.linspace(0, 240, 32, dtype=np.uint8)
    return np.stack(
        [np.tile(ramp, (32, 1)), np.tile(ramp[:, None], (1, 32)), np.full((32, 32), 60, np.uint8)], axis=-1
    )


def test_the_flat_picture_is_the_colour_three_tiles_by_three() -> None:
    picture = flat_picture(surface(color=gradient()), 96)
    assert picture.shape == (96, 96, 3)
    for row in range(3):
        for column in range(3):
            tile = picture[32 * row : 32 * row + 32, 32 * column : 32 * column + 32]
            assert np.abs(tile.astype(int) - gradient().astype(int)).max() <= 1


def test_the_lamp_is_at_the_left_and_above() -> None:
    picture = lit_picture(surface(color=(180, 180, 180)), 96).astype(int).mean(axis=2)
    assert picture[:, :32].mean() > picture[:, 32:64].mean() > picture[:, 64:].mean()
    assert picture[:32].mean() > picture[64:].mean()


@pytest.mark.parametrize(("normal", "is_brighter"), [((30, 128, 190), True), ((225, 128, 190), False)])
def test_relief_that_faces_the_lamp_is_brighter(normal: tuple[int, int, int], is_brighter: bool) -> None:
    # In the middle of the wall the lamp's light comes from the left: x of the normal is negative there.
    flat = lit_picture(surface(color=(120, 120, 120)), 48)[24, 24].mean()
    bumped = lit_picture(surface(color=(120, 120, 120), normal=normal), 48)[24, 24].mean()
    assert bool(bumped > flat) is is_brighter


def test_occlusion_darkens() -> None:
    bright = lit_picture(surface(color=(120, 120, 120)), 48).mean()
    assert lit_picture(surface(color=(120, 120, 120), orm=(60, 230, 0)), 48).mean() < bright


def test_a_ball_is_round_and_lit_from_the_upper_left() -> None:
    picture = ball_picture(surface(color=(230, 20, 20)), 96).astype(int)
    redness = picture[..., 0] - picture[..., 2]
    is_ball = redness > 60
    pixel = (np.arange(96) + 0.5) / 48 - 1
    inside = (pixel[:, None] ** 2 + pixel**2) < (0.97 / 1.12) ** 2
    outside = (pixel[:, None] ** 2 + pixel**2) > (1.03 / 1.12) ** 2
    assert is_ball[inside].mean() > 0.97
    assert not is_ball[outside].any()
    brightness = picture.mean(axis=2)
    assert brightness[34, 30] > brightness[62, 66]
    assert (brightness[48, 20:30].mean()) > brightness[48, 66:76].mean()
