"""Light on surfaces."""

from typing import Any

import numpy as np
import pytest

from vrbridge.rendering.shading import halved, shade, to_linear, to_picture, unit

UP = np.array([[0, 0, 1]], np.float32)


def lit(**changes: Any) -> float:
    values: dict[str, Any] = {
        "albedo": np.full((1, 3), 0.5, np.float32),
        "normal": UP,
        "to_eye": UP,
        "to_light": UP,
        "light": np.full((1, 3), 3.0, np.float32),
        "occlusion": np.ones((1, 1), np.float32),
        "roughness": np.full((1, 1), 0.9, np.float32),
        "metallic": np.zeros((1, 1), np.float32),
    }
    return float(shade(**(values | changes)).mean())


def tilted(degrees: float) -> Any:
    angle = np.radians(degrees)
    return np.array([[np.sin(angle), 0, np.cos(angle)]], np.float32)


def test_a_surface_that_turns_away_from_the_lamp_gets_darker_until_only_the_sky_is_left() -> None:
    lights = [lit(to_light=tilted(degrees)) for degrees in (0, 30, 60, 85, 100, 150)]
    assert lights[:5] == sorted(lights[:5], reverse=True)
    assert lights[4] == pytest.approx(lights[5])
    assert lights[5] == pytest.approx(lit(light=np.zeros((1, 3), np.float32)))


def test_occlusion_and_shadow_take_light_away() -> None:
    dark = lit(occlusion=np.zeros((1, 1), np.float32), light=np.zeros((1, 3), np.float32))
    assert dark == 0
    assert lit(occlusion=np.zeros((1, 1), np.float32)) < lit()


def test_a_smooth_surface_has_a_brighter_and_narrower_highlight() -> None:
    smooth, rough = np.full((1, 1), 0.2, np.float32), np.full((1, 1), 0.8, np.float32)
    assert lit(roughness=smooth) > lit(roughness=rough)
    aside = {"to_light": tilted(50), "metallic": np.ones((1, 1), np.float32), "occlusion": np.zeros((1, 1))}
    assert lit(roughness=smooth, **aside) < lit(roughness=rough, **aside)


def test_metal_has_no_diffuse_light_of_its_own() -> None:
    metal = {"metallic": np.ones((1, 1), np.float32), "roughness": np.full((1, 1), 0.3, np.float32)}
    shown = lit(to_light=tilted(70), occlusion=np.zeros((1, 1), np.float32), **metal)
    assert shown < 0.1 * lit(to_light=tilted(70), occlusion=np.zeros((1, 1), np.float32))


def test_srgb_is_decoded_exactly_at_its_ends_and_in_the_middle() -> None:
    linear = to_linear(np.array([0, 188, 255], np.uint8))
    assert linear[0] == 0
    assert linear[1] == pytest.approx(0.5029, abs=1e-3)
    assert linear[2] == 1


def test_pictures_are_monotonous_and_never_overflow() -> None:
    shown = to_picture(np.linspace(0, 40, 1000, dtype=np.float32))
    assert shown[0] == 0
    assert shown[-1] == 255
    assert (np.diff(shown.astype(int)) >= 0).all()


def test_halving_keeps_the_mean_and_unit_has_length_one() -> None:
    picture = np.random.default_rng(1).random((8, 6, 3), np.float32)
    assert halved(picture).shape == (4, 3, 3)
    assert halved(picture).mean() == pytest.approx(picture.mean(), abs=1e-6)
    assert np.linalg.norm(unit(picture), axis=-1) == pytest.approx(np.ones((8, 6)), abs=1e-5)
