"""GPU blocks, decoded by a decoder that shares nothing with the encoders."""

import struct
from collections.abc import Callable

import numpy as np
import pytest
import texture2ddecoder

from tests.encoding.samples import Pixels, bumps, psnr_db, tile
from vrbridge.encoding import blocks
from vrbridge.encoding.blocks import compress_level, compress_levels
from vrbridge.encoding.gpu_format import GPU_FORMATS
from vrbridge.interruption import watch

FOUR_BY_FOUR = ["bc1", "bc5", "bc7", "etc2", "astc4x4"]
# Measured with some room; a swapped channel or a shifted block costs 20 dB.
COLOR_DB = {"bc1": 35, "bc7": 45, "etc2": 34, "astc4x4": 38, "astc6x6": 33, "rgba8": float("inf")}


def decode(name: str, data: bytes, width_px: int, height_px: int) -> Pixels:
    """(H, W, 4) RGBA; the decoder itself answers in BGRA."""
    if name == "rgba8":
        return np.frombuffer(data, np.uint8).reshape(height_px, width_px, 4)
    decoders: dict[str, Callable[[bytes, int, int], bytes]] = {
        "bc1": texture2ddecoder.decode_bc1,
        "bc5": texture2ddecoder.decode_bc5,
        "bc7": texture2ddecoder.decode_bc7,
        "etc2": texture2ddecoder.decode_etc2,
        "astc4x4": lambda data, width, height: texture2ddecoder.decode_astc(data, width, height, 4, 4),
        "astc6x6": lambda data, width, height: texture2ddecoder.decode_astc(data, width, height, 6, 6),
    }
    bgra = np.frombuffer(decoders[name](data, width_px, height_px), np.uint8)
    return bgra.reshape(height_px, width_px, 4)[..., [2, 1, 0, 3]]


@pytest.mark.parametrize(("name", "least_db"), COLOR_DB.items())
@pytest.mark.parametrize("is_correlated", [True, False])
def test_another_decoder_sees_the_picture(name: str, least_db: float, is_correlated: bool) -> None:
    picture = tile(64, 48)
    data = compress_level(picture, GPU_FORMATS[name], is_correlated=is_correlated)
    assert len(data) == GPU_FORMATS[name].level_bytes(64, 48)
    seen = decode(name, data, 64, 48)
    assert psnr_db(seen[..., :3], picture) >= least_db
    assert seen[..., 3].min() >= 254  # some modes of bc7 have 7 bits of it


# Straight from the specifications, because two libraries could agree on a swapped channel.
@pytest.mark.parametrize(
    ("name", "block"),
    [
        # The end points in 5-6-5 bits, low byte first: 0 and red 31; two bits a pixel choose the second.
        ("bc1", struct.pack("<2HI", 0, 31 << 11, 0x5555_5555)),
        # Differential mode: red 31, green 0, blue 0 in 5 bits with difference 0; table 0, all +2.
        ("etc2", bytes([31 << 3, 0, 0, 0b10]) + bytes(4)),
        ("rgba8", bytes([255, 0, 0, 255]) * 16),
    ],
)
def test_red_is_where_the_specification_has_it(name: str, block: bytes) -> None:
    red = np.full((4, 4, 3), (255, 0, 0), np.uint8)
    assert compress_level(red, GPU_FORMATS[name]) == block


def test_two_channels_of_a_normal_map_survive_bc5() -> None:
    normal = bumps(64, 64)
    seen = decode("bc5", compress_level(normal, GPU_FORMATS["bc5"]), 64, 64)
    assert psnr_db(seen[..., :2], normal[..., :2]) >= 40
    x, y = (seen[..., channel] / 127.5 - 1 for channel in (0, 1))
    rebuilt = np.sqrt(np.clip(1 - x**2 - y**2, 0, 1))
    assert np.abs(rebuilt - (normal[..., 2] / 127.5 - 1)).max() < 0.08


@pytest.mark.parametrize(("name", "least_db"), [("bc7", 36), ("etc2", 29), ("astc4x4", 33), ("astc6x6", 29)])
def test_normals_survive_formats_of_three_channels(name: str, least_db: float) -> None:
    normal = bumps(64, 64)
    seen = decode(name, compress_level(normal, GPU_FORMATS[name]), 64, 64)
    assert psnr_db(seen[..., :3], normal) >= least_db


@pytest.mark.parametrize("name", ["rgba8", "bc7", "astc4x4"])
def test_alpha_is_kept_where_the_format_has_it(name: str) -> None:
    picture = np.concatenate([tile(32, 32), tile(32, 32, channels=1)], axis=-1)
    seen = decode(name, compress_level(picture, GPU_FORMATS[name]), 32, 32)
    assert psnr_db(seen[..., 3], picture[..., 3]) >= 30


def test_grey_becomes_three_equal_channels() -> None:
    grey = tile(16, 16, channels=1)[..., 0]
    seen = decode("rgba8", compress_level(grey, GPU_FORMATS["rgba8"]), 16, 16)
    assert all(np.array_equal(seen[..., channel], grey) for channel in range(3))


@pytest.mark.parametrize("name", FOUR_BY_FOUR)
def test_a_rolled_tile_has_rolled_blocks(name: str) -> None:
    """So the blocks at the edge are made like those in the middle, and no seam appears."""
    picture = tile(32, 32)
    whole = decode(name, compress_level(picture, GPU_FORMATS[name], is_correlated=True), 32, 32)
    rolled = np.ascontiguousarray(np.roll(picture, (8, 20), axis=(0, 1)))
    seen = decode(name, compress_level(rolled, GPU_FORMATS[name], is_correlated=True), 32, 32)
    assert np.array_equal(seen, np.roll(whole, (8, 20), axis=(0, 1)))


@pytest.mark.parametrize("name", ["bc1", "bc7", "etc2", "astc4x4", "astc6x6"])
def test_blocks_over_the_edge_go_on_with_the_other_side(name: str) -> None:
    picture = tile(64, 64)[:50, :46]
    format_ = GPU_FORMATS[name]
    n_rows, n_columns = (-(-edge // format_.block_px) * format_.block_px for edge in (50, 46))
    seen = decode(name, compress_level(picture, format_), n_columns, n_rows)
    wrapped = np.tile(picture, (2, 2, 1))[:n_rows, :n_columns]
    assert psnr_db(seen[:, :, :3], wrapped) >= 30


@pytest.mark.parametrize("name", GPU_FORMATS)
@pytest.mark.parametrize("size", [(1, 1), (2, 1), (3, 5)])
def test_the_smallest_levels_fill_one_block(name: str, size: tuple[int, int]) -> None:
    height_px, width_px = size
    picture = np.full((height_px, width_px, 3), (90, 140, 200), np.uint8)
    format_ = GPU_FORMATS[name]
    data = compress_level(picture, format_)
    assert len(data) == format_.level_bytes(width_px, height_px)
    channels = 2 if name == "bc5" else 3
    seen = decode(name, data, width_px, height_px)[..., :channels]
    assert np.abs(seen.astype(int) - picture[..., :channels]).max() <= 8


@pytest.mark.parametrize("name", GPU_FORMATS)
def test_the_same_pixels_give_the_same_blocks(name: str) -> None:
    levels = [tile(64, 64), tile(32, 32), tile(16, 16)]
    first = compress_levels(levels, GPU_FORMATS[name])
    assert first == compress_levels(levels, GPU_FORMATS[name])
    assert first == [compress_level(level, GPU_FORMATS[name]) for level in levels]


@pytest.mark.parametrize("name", GPU_FORMATS)
def test_how_the_pixels_lie_in_memory_makes_no_difference(name: str) -> None:
    picture = tile(16, 16)
    turned = np.asfortranarray(picture)
    assert compress_level(turned, GPU_FORMATS[name]) == compress_level(picture, GPU_FORMATS[name])


@pytest.mark.parametrize("name", GPU_FORMATS)
@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((4, 4, 3), np.float32),
        np.zeros((4, 4, 2), np.uint8),
        np.zeros((4, 0, 3), np.uint8),
        np.zeros(16, np.uint8),
    ],
)
def test_what_is_no_picture_is_refused(name: str, picture: Pixels) -> None:
    with pytest.raises(ValueError, match="Blocks need"):
        compress_level(picture, GPU_FORMATS[name])


@pytest.mark.parametrize("name", GPU_FORMATS)
def test_bands_hold_the_blocks_of_the_whole(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = tile(76, 50)
    whole = compress_level(picture, GPU_FORMATS[name])
    n_steps = 0

    def look() -> bool:
        nonlocal n_steps
        n_steps += 1
        return False

    monkeypatch.setattr(blocks, "_BAND_PX", 76 * 12)
    watch(look)
    try:
        assert compress_level(picture, GPU_FORMATS[name]) == whole
    finally:
        watch(None)
    assert n_steps >= 4
