"""A few numbers keep where a shape has which colour."""

import numpy as np
import pytest

from vrbridge.generators.mesh.color_code import COLOR_CODE_SIZE, ColorSpace, color_field
from vrbridge.generators.mesh.coloring import recolored, toned
from vrbridge.generators.texture.palette import to_oklab


def grid(top: tuple[int, int, int], foot: tuple[int, int, int]) -> np.ndarray:
    """Return colours of a hollow box, one above and another below."""
    color = np.zeros((32, 32, 32, 4), np.uint8)
    shell = np.zeros((32, 32, 32), bool)
    shell[4:28, 4:28, 4:28] = True
    shell[6:26, 6:26, 6:26] = False
    color[shell, 3] = 255
    color[:, 16:, :, :3][shell[:, 16:]] = top
    color[:, :16, :, :3][shell[:, :16]] = foot
    return color


def test_a_field_has_the_colours_of_the_surface_everywhere() -> None:
    field = (color_field(grid((255, 0, 0), (0, 0, 255))).reshape(3, 8, 8, 8) + 1) / 2
    assert field[:, 4, 6, 4] == pytest.approx((1, 0, 0), abs=0.02)
    assert field[:, 4, 1, 4] == pytest.approx((0, 0, 1), abs=0.02)
    assert field[:, 0, 7, 0] == pytest.approx((1, 0, 0), abs=0.02)


def test_codes_bring_the_fields_back() -> None:
    random = np.random.default_rng(0)
    fields = np.stack(
        [
            color_field(grid(tuple(random.integers(0, 256, 3)), tuple(random.integers(0, 256, 3))))
            for _ in range(90)
        ]
    )
    space = ColorSpace.of(fields)
    codes = space.codes(fields)
    assert codes.shape == (90, COLOR_CODE_SIZE)
    assert codes[:, :6].std(0) == pytest.approx(1, rel=0.05)
    back = space.field(codes[5]).reshape(-1)
    assert np.abs(back - fields[5]).mean() < 0.01


def test_few_shapes_make_few_axes() -> None:
    fields = np.stack([color_field(grid((i * 40, 0, 0), (0, i * 40, 0))) for i in range(3)])
    space = ColorSpace.of(fields)
    assert (space.axes.abs().sum(1) > 1e-6).sum() <= 2
    assert np.isfinite(space.codes(fields)).all()


def test_a_surface_without_colours_is_a_field_too() -> None:
    assert np.isfinite(color_field(np.zeros((32, 32, 32, 4), np.uint8))).all()


def test_hues_come_from_one_list_and_light_and_dark_from_the_other() -> None:
    hues = np.tile([0.7, 0.2, 0.2], (4, 1))
    tones = np.array([[0.2] * 3, [0.4] * 3, [0.6] * 3, [0.8] * 3])
    made = toned(hues, tones)
    lightness = to_oklab(made.astype(np.float32))[:, 0]
    assert (np.diff(lightness) > 0).all()
    assert (made[:, 0] > made[:, 1] + 0.1).all()


def test_recoloured_vertices_have_the_colour_in_the_mean() -> None:
    wanted = to_oklab(np.array([[0.2, 0.3, 0.8]], np.float32))[0]
    made = recolored(np.random.default_rng(0).uniform(0.3, 0.6, (50, 3)), wanted)
    assert to_oklab(made.astype(np.float32)).mean(0) == pytest.approx(wanted, abs=0.03)
    assert made.std() > 0.01
