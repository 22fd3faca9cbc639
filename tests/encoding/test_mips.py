"""Mip chains against slow, obvious arithmetic in double precision."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.encoding.samples import Pixels, bumps, tile
from vrbridge.encoding import mips
from vrbridge.encoding.ktx2 import level_size, n_levels

SIZES = st.integers(1, 40)
CHAINS = [mips.color_levels, mips.data_levels, mips.normal_levels]


def noise(height_px: int, width_px: int, channels: int = 3, seed: int = 0) -> Pixels:
    return np.random.default_rng(seed).integers(0, 256, (height_px, width_px, channels), dtype=np.uint8)


def area_mean(values: NDArray[np.float64], n_rows: int, n_columns: int) -> NDArray[np.float64]:
    """Average over equal areas, by cutting every pixel into pieces that belong to one result each."""
    height, width, channels = values.shape
    pieces = values.repeat(n_rows, axis=0).repeat(n_columns, axis=1)
    means: NDArray[np.float64] = pieces.reshape(n_rows, height, n_columns, width, channels).mean(axis=(1, 3))
    return means


def linear(srgb: Pixels) -> NDArray[np.float64]:
    value = srgb / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def srgb(light: NDArray[np.float64]) -> NDArray[np.float64]:
    value = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.asarray(255 * value)


def directions(normal: Pixels) -> NDArray[np.float64]:
    return np.asarray(normal / 127.5 - 1)


@pytest.mark.parametrize("chain", CHAINS)
@given(width_px=SIZES, height_px=SIZES)
def test_a_chain_halves_down_to_one_pixel(
    chain: Callable[[Pixels], list[Pixels]], width_px: int, height_px: int
) -> None:
    levels = chain(noise(height_px, width_px))
    assert len(levels) == n_levels(width_px, height_px)
    for number, level in enumerate(levels):
        width, height = level_size(width_px, height_px, number)
        assert (level.shape, level.dtype.name) == ((height, width, 3), "uint8")
        assert level.flags.c_contiguous


@pytest.mark.parametrize("chain", CHAINS)
def test_the_first_level_is_the_picture_itself(chain: Callable[[Pixels], list[Pixels]]) -> None:
    picture = noise(12, 20)
    assert np.array_equal(chain(picture)[0], picture)


@given(width_px=SIZES, height_px=SIZES)
def test_data_is_averaged_by_area(width_px: int, height_px: int) -> None:
    picture = noise(height_px, width_px)
    expected = picture.astype(np.float64)
    for level in mips.data_levels(picture)[1:]:
        expected = area_mean(expected, *level.shape[:2])
        assert np.abs(level - expected).max() <= 0.501


@given(width_px=SIZES, height_px=SIZES)
def test_colour_is_averaged_as_light(width_px: int, height_px: int) -> None:
    picture = noise(height_px, width_px)
    expected = linear(picture)
    for level in mips.color_levels(picture)[1:]:
        expected = area_mean(expected, *level.shape[:2])
        assert np.abs(level - srgb(expected)).max() <= 0.6


def test_black_and_white_mix_to_the_grey_that_is_half_as_bright() -> None:
    checks = np.indices((8, 8)).sum(axis=0)[..., None].repeat(3, axis=2) % 2 * np.uint8(255)
    assert {
        int(value) for level in mips.color_levels(checks.astype(np.uint8))[1:] for value in level.flat
    } == {188}


@pytest.mark.parametrize("value", range(256))
def test_a_flat_colour_stays_what_it_is(value: int) -> None:
    flat = np.full((4, 4, 3), value, np.uint8)
    for chain in (mips.color_levels, mips.data_levels):
        assert all((level == value).all() for level in chain(flat))


@given(width_px=SIZES, height_px=SIZES)
def test_normals_stay_one_long(width_px: int, height_px: int) -> None:
    for level in mips.normal_levels(bumps(width_px, height_px, steepness=2.0))[1:]:
        lengths = np.linalg.norm(directions(level), axis=-1)
        # Rounding moves each of three components by half a step.
        assert np.abs(lengths - 1).max() <= np.sqrt(3) / 255 + 1e-6


def test_a_normal_is_the_mean_direction_of_those_it_stands_for() -> None:
    normal = bumps(16, 16)
    unit = directions(normal)
    unit /= np.linalg.norm(unit, axis=-1, keepdims=True)
    mean = area_mean(unit, 8, 8)
    mean /= np.linalg.norm(mean, axis=-1, keepdims=True)
    assert np.abs(directions(mips.normal_levels(normal)[1]) - mean).max() <= 0.6 / 127.5


def test_normals_that_cancel_out_become_flat() -> None:
    opposite = np.array([[[255, 128, 128], [0, 127, 127]]] * 2, np.uint8)
    assert mips.normal_levels(opposite)[-1].reshape(3).tolist() == [128, 128, 255]


@pytest.mark.parametrize("chain", CHAINS)
@given(shift=st.tuples(st.integers(0, 15), st.integers(0, 15)))
def test_a_rolled_tile_has_rolled_mips(
    chain: Callable[[Pixels], list[Pixels]], shift: tuple[int, int]
) -> None:
    """So the filter wraps: no level has a seam that the level above it hasn't."""
    picture = tile(64, 64) if chain is not mips.normal_levels else bumps(64, 64)
    rolled = np.roll(picture, (shift[0] * 4, shift[1] * 4), axis=(0, 1))
    for number in (1, 2):
        expected = np.roll(
            chain(picture)[number], (shift[0] * 4 >> number, shift[1] * 4 >> number), axis=(0, 1)
        )
        assert np.array_equal(chain(rolled)[number], expected)


@pytest.mark.parametrize("size", [8, 9, 15, 31])
def test_no_level_is_shifted(size: int) -> None:
    """A picture that is symmetric stays so on every level."""
    half = noise(size, size)
    symmetric = ((half.astype(np.uint16) + half[::-1, ::-1]) // 2).astype(np.uint8)
    for level in mips.data_levels(symmetric)[1:]:
        assert np.abs(level.astype(int) - level[::-1, ::-1]).max() <= 1


def test_grey_pictures_stay_grey() -> None:
    grey = noise(8, 6, 1)[..., 0]
    levels = mips.data_levels(grey)
    assert [level.shape for level in levels] == [(8, 6), (4, 3), (2, 1), (1, 1)]
    assert np.array_equal(levels[1], mips.data_levels(grey[..., None])[1][..., 0])


def test_a_flat_surface_keeps_its_roughness() -> None:
    flat = np.full((16, 16, 3), (128, 128, 255), np.uint8)
    orm = mips.data_levels(tile(16, 16))
    for widened, level in zip(mips.widen_roughness(orm, flat), orm, strict=True):
        assert np.abs(widened.astype(int) - level).max() <= 1


def test_bumps_too_small_to_show_become_roughness() -> None:
    normal = np.where(
        np.indices((16, 16)).sum(axis=0)[..., None] % 2, (180, 128, 245), (76, 128, 245)
    ).astype(np.uint8)
    orm = mips.data_levels(np.full((16, 16, 3), (255, 60, 0), np.uint8))
    widened = mips.widen_roughness(orm, normal)
    assert np.array_equal(widened[0], orm[0])
    for level in widened[1:]:
        assert level[..., 1].min() > 120
        assert (level[..., 0] == 255).all()
        assert (level[..., 2] == 0).all()


@given(steepness=st.floats(0, 8), roughness=st.integers(0, 255))
def test_no_surface_becomes_smoother_with_distance(steepness: float, roughness: int) -> None:
    orm = mips.data_levels(np.full((16, 16, 3), roughness, np.uint8))
    widened = mips.widen_roughness(orm, bumps(16, 16, steepness=steepness))
    assert all((level[..., 1] >= roughness).all() for level in widened)


def test_maps_of_two_sizes_don_t_fit() -> None:
    with pytest.raises(ValueError, match="differ in size"):
        mips.widen_roughness(mips.data_levels(tile(16, 16)), bumps(32, 32))


@pytest.mark.parametrize("chain", CHAINS)
@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((4, 4, 3), np.float32),
        np.zeros((4, 4, 3), np.uint16),
        np.zeros((0, 4, 3), np.uint8),
        np.zeros(4, np.uint8),
        np.zeros((2, 2, 2, 3), np.uint8),
    ],
)
def test_what_is_no_picture_is_refused(chain: Callable[[Pixels], list[Pixels]], picture: Pixels) -> None:
    with pytest.raises(ValueError, match="Mips need"):
        chain(picture)


def test_a_normal_map_needs_three_channels() -> None:
    with pytest.raises(ValueError, match="3 channels"):
        mips.normal_levels(np.zeros((4, 4), np.uint8))


@pytest.mark.parametrize("size", [(50, 36), (36, 25), (25, 36)])
def test_bands_make_the_levels_of_the_whole(size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    pixels, normal = noise(*size), noise(*size, seed=1)

    def widened(pixels: Pixels) -> list[Pixels]:
        return mips.widen_roughness(mips.data_levels(pixels), normal)

    chains = [*CHAINS, widened]
    wholes = [chain(pixels) for chain in chains]
    monkeypatch.setattr(mips, "_BAND_PX", 4 * size[1])
    for chain, whole in zip(chains, wholes, strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(chain(pixels), whole, strict=True))
