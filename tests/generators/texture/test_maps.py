import numpy as np
import pytest

from vrbridge.errors import GeneratorFailed
from vrbridge.generators.texture import noise
from vrbridge.generators.texture.maps import to_maps
from vrbridge.generators.texture.noise import Field
from vrbridge.generators.texture.surface import Surface, flat


def surface(height: Field) -> Surface:
    return Surface(height, np.full((64, 64, 3), 0.5, np.float32), flat(height, 0.25), flat(height, 1))


def test_a_flat_surface_faces_out_and_is_not_shadowed() -> None:
    maps = to_maps(surface(np.zeros((64, 64), np.float32)))
    assert (maps.normal == (128, 128, 255)).all()
    assert (maps.orm == (255, 64, 255)).all()


def test_normals_lean_away_from_a_slope_with_y_up() -> None:
    rows = np.arange(64, dtype=np.float32)[:, None]
    ridge = np.broadcast_to(0.2 * np.exp(-(((rows - 32) / 8) ** 2)), (64, 64)).astype(np.float32)
    maps = to_maps(surface(ridge))
    assert maps.normal[26, 0, 1] > 140, "above the ridge the surface faces up"
    assert maps.normal[38, 0, 1] < 116
    sideways = to_maps(surface(np.ascontiguousarray(ridge.T)))
    assert sideways.normal[0, 26, 0] < 116, "left of the ridge the surface faces left"
    assert sideways.normal[0, 38, 0] > 140


def test_hollows_are_occluded() -> None:
    height = np.zeros((64, 64), np.float32)
    height[30:34] = -0.03
    occlusion = to_maps(surface(height)).orm[:, 0, 0].astype(int)
    assert occlusion[32] < occlusion[5] - 30


def test_maps_roll_with_the_surface() -> None:
    height = np.random.default_rng(1).random((64, 64), dtype=np.float32) * np.float32(0.01)
    maps, rolled = to_maps(surface(height)), to_maps(surface(np.roll(height, (9, 31), (0, 1))))
    assert np.array_equal(np.roll(maps.normal, (9, 31), (0, 1)), rolled.normal)
    assert np.abs(np.roll(maps.orm, (9, 31), (0, 1)).astype(int) - rolled.orm).max() <= 1


@pytest.mark.parametrize("broken", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("field", ["height", "color", "roughness", "metallic"])
def test_one_number_that_is_none_spoils_the_whole_surface(field: str, broken: float) -> None:
    painted = surface(np.zeros((64, 64), np.float32))
    getattr(painted, field)[13, 37] = broken
    with pytest.raises(GeneratorFailed):
        to_maps(painted)


def test_bands_make_the_maps_of_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    painted = surface(np.random.default_rng(1).random((64, 64), dtype=np.float32) * np.float32(0.01))
    whole = to_maps(painted)
    monkeypatch.setattr(noise, "_BAND_PX", 5 * 64)
    monkeypatch.setattr(noise, "_BLURRED_PX", 5 * 64)
    banded = to_maps(painted)
    for name in ("base_color", "normal", "orm", "height"):
        assert np.array_equal(getattr(banded, name), getattr(whole, name)), name
