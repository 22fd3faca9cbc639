import numpy as np
import pytest

from vrbridge.generators.texture.noise import Canvas, blurred, smooth


@pytest.mark.parametrize("cells", [3, 16])
def test_noise_continues_across_the_edge(cells: int) -> None:
    noise = Canvas(128, 1).perlin("n", cells, 2 * cells)
    for axis in (0, 1):
        change = np.abs(noise - np.roll(noise, 1, axis)).mean(1 - axis)
        assert change[0] <= change[1:].max() * 1.05


def test_noise_is_the_same_pattern_at_every_size() -> None:
    small, large = (Canvas(size, 1).perlin("n", 6) for size in (64, 256))
    averaged = large.reshape(64, 4, 64, 4).mean((1, 3))
    assert np.abs(averaged - small).max() < 0.03


def test_names_and_seeds_give_different_patterns() -> None:
    canvas = Canvas(64, 1)
    assert np.abs(canvas.perlin("a", 4) - canvas.perlin("b", 4)).mean() > 0.05
    assert np.abs(canvas.perlin("a", 4) - Canvas(64, 2).perlin("a", 4)).mean() > 0.05


def test_octaves_finer_than_the_size_are_left_out() -> None:
    assert np.array_equal(Canvas(64, 1).fbm("n", 64, octaves=3), np.zeros((64, 64)))


def test_sampling_whole_pixels_away_is_rolling() -> None:
    canvas = Canvas(64, 1)
    field = canvas.perlin("n", 8)
    moved = canvas.sample(field, canvas.x + np.float32(5 / 64), canvas.y - np.float32(3 / 64))
    assert np.abs(moved - np.roll(field, (3, -5), (0, 1))).max() < 1e-3


def test_blurring_commutes_with_rolling_and_keeps_the_mean() -> None:
    field = Canvas(64, 1).perlin("n", 8)
    rolled = blurred(np.roll(field, (9, 20), (0, 1)), 0.05)
    assert np.abs(rolled - np.roll(blurred(field, 0.05), (9, 20), (0, 1))).max() < 1e-5
    assert abs(float(rolled.mean() - field.mean())) < 1e-5


def test_a_smooth_step_can_be_turned_round() -> None:
    ends = smooth(np.array([[0.0, 1.0]], np.float32), 0.8, 0.2)
    assert ends.tolist() == [[1.0, 0.0]]
