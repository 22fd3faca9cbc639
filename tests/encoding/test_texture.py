"""A map in the form a client asked for, read back by somebody else."""

import io

import numpy as np
import pytest
import texture2ddecoder
from PIL import Image

from tests.encoding.node import read_with
from tests.encoding.samples import bumps, psnr_db, tile
from vrbridge.encoding import mips
from vrbridge.encoding.gpu_format import GPU_FORMATS
from vrbridge.encoding.ktx2 import read_ktx2
from vrbridge.encoding.texture import MAP_ROLES, TEXTURE_FORMATS, Pixels, choose_format, encode_map


def map_of(role: str, size_px: int = 64) -> Pixels:
    if role == "normal":
        return bumps(size_px, size_px)
    return tile(size_px, size_px)[..., 0] if role == "height" else tile(size_px, size_px)


@pytest.mark.parametrize(
    ("role", "formats", "expected"),
    [
        ("base_color", ["bc5", "bc1"], "bc1"),
        ("normal", ["bc5", "bc1"], "bc5"),
        ("normal", ["bc1", "bc5"], "bc5"),
        ("normal", ["bc1", "rgba8"], "bc1"),
        ("orm", ["bc5", "bc7", "bc1"], "bc7"),
        ("height", ["bc5", "png"], "png"),
        ("base_color", ["etc2", "bc1"], "etc2"),
        ("base_color", ["dxt9", "jpeg"], "jpeg"),
    ],
)
def test_the_first_fitting_format_is_taken(role: str, formats: list[str], expected: str) -> None:
    assert choose_format(role, formats) == expected


@pytest.mark.parametrize(
    ("role", "formats", "reason"),
    [
        ("base_color", ["bc5"], "None of the formats bc5"),
        ("base_color", [], r"\(none\)"),
        ("orm", ["dxt9"], "None of the formats"),
        ("emission", ["png"], "Unknown map"),
    ],
)
def test_without_a_fitting_format_there_is_no_map(role: str, formats: list[str], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        choose_format(role, formats)


@pytest.mark.parametrize(
    ("role", "name"),
    [
        (role, name)
        for role in MAP_ROLES
        for name in TEXTURE_FORMATS
        if choose_format(role, [name, "png"]) == name
    ],
)
def test_what_is_said_about_a_map_is_true(role: str, name: str) -> None:
    encoded = encode_map(role, map_of(role), formats=[name])
    assert (encoded.role, encoded.format) == (role, name)
    assert encoded.color_space == ("srgb" if role == "base_color" else "linear")
    if name in GPU_FORMATS:
        file = read_ktx2(encoded.data)
        assert encoded.media_type == "image/ktx2"
        assert (file.format.name, len(file.levels), encoded.levels) == (name, 7, 7)
        assert (file.width_px, file.height_px) == (encoded.width_px, encoded.height_px) == (64, 64)
    else:
        picture = Image.open(io.BytesIO(encoded.data))
        assert picture.get_format_mimetype() == encoded.media_type
        assert picture.size == (encoded.width_px, encoded.height_px) == (64, 64)
        assert encoded.levels == 1


@pytest.mark.engine
def test_another_reader_and_decoder_see_every_level() -> None:
    encoded = encode_map("base_color", map_of("base_color"), formats=["etc2"])
    assert [level["bytes"] for level in read_with("read_ktx2.mjs", encoded.data)["levels"]] == [
        2048, 512, 128, 32, 8, 8, 8,
    ]  # fmt: skip
    expected = mips.color_levels(tile())
    for level, picture in zip(read_ktx2(encoded.data).levels, expected, strict=True):
        height, width = picture.shape[:2]
        bgra = np.frombuffer(texture2ddecoder.decode_etc2(bytes(level), width, height), np.uint8)
        assert psnr_db(bgra.reshape(height, width, 4)[..., 2::-1], picture) >= 25


def test_the_levels_of_raw_pixels_are_the_mips() -> None:
    for role, chain in [
        ("base_color", mips.color_levels(tile())),
        ("orm", mips.data_levels(tile())),
        ("normal", mips.normal_levels(bumps())),
    ]:
        file = read_ktx2(encode_map(role, map_of(role), formats=["rgba8"]).data)
        for level, picture in zip(file.levels, chain, strict=True):
            seen = np.frombuffer(level, np.uint8).reshape(*picture.shape[:2], 4)
            assert np.array_equal(seen[..., :3], picture)
            assert (seen[..., 3] == 255).all()


def test_the_roughness_of_coarse_levels_knows_the_normals() -> None:
    smooth = np.full((64, 64, 3), (255, 40, 0), np.uint8)
    plain, widened = (
        read_ktx2(encode_map("orm", smooth, formats=["rgba8"], normal=normal).data)
        for normal in (None, bumps(64, 64, steepness=3))
    )
    assert plain.levels[0] == widened.levels[0]
    assert plain.levels[-1][1] == 40
    assert widened.levels[-1][1] > 120


def test_png_keeps_16_bits_of_height_and_others_round() -> None:
    deep = (np.arange(64 * 64, dtype=np.uint16) * 16).reshape(64, 64)
    kept = np.asarray(Image.open(io.BytesIO(encode_map("height", deep, formats=["png"]).data)))
    assert np.array_equal(kept, deep)
    level = read_ktx2(encode_map("height", deep, formats=["rgba8"]).data).levels[0]
    seen = np.frombuffer(level, np.uint8).reshape(64, 64, 4)[..., 0]
    assert np.abs(seen - deep / 257).max() <= 0.5


@pytest.mark.parametrize("name", TEXTURE_FORMATS)
def test_the_same_map_gives_the_same_bytes(name: str) -> None:
    first, second = (encode_map("normal", bumps(), formats=[name]).data for _ in range(2))
    assert first == second


@pytest.mark.parametrize("name", ["bc1", "png"])
@pytest.mark.parametrize(
    ("role", "pixels"),
    [
        ("base_color", np.zeros((4, 4), np.uint8)),
        ("base_color", np.zeros((4, 4, 3), np.uint16)),
        ("normal", np.zeros((4, 4, 4), np.uint8)),
        ("orm", np.zeros((4, 0, 3), np.uint8)),
        ("height", np.zeros((4, 4, 1), np.uint8)),
        ("height", np.zeros((4, 4), np.float32)),
    ],
)
def test_pixels_of_another_shape_are_refused(role: str, pixels: Pixels, name: str) -> None:
    with pytest.raises(ValueError, match="map must be"):
        encode_map(role, pixels, formats=[name])


def test_a_normal_map_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="differ in size"):
        encode_map("orm", tile(), formats=["bc1"], normal=bumps(32, 32))
