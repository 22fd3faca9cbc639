"""KTX2 files as another reader sees them, and as the specification lays them out byte by byte."""

import hashlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.encoding.node import read_with
from vrbridge.encoding.gpu_format import GPU_FORMATS, GpuFormat
from vrbridge.encoding.ktx2 import Ktx2, level_size, n_levels, read_ktx2, write_ktx2

SIZES = st.integers(1, 70)
# Channels of khr_df.h: (channel, first bit, bits less one, value of 0, value of 1).
_WHOLE = 0xFFFF_FFFF
SAMPLES = {
    "bc1": [[0, 0, 63, 0, _WHOLE]],
    "bc5": [[0, 0, 63, 0, _WHOLE], [1, 64, 63, 0, _WHOLE]],
    "bc7": [[0, 0, 127, 0, _WHOLE]],
    "etc2": [[2, 0, 63, 0, _WHOLE]],
    "astc4x4": [[0, 0, 127, 0, _WHOLE]],
    "astc6x6": [[0, 0, 127, 0, _WHOLE]],
    "rgba8": [[0, 0, 7, 0, 255], [1, 8, 7, 0, 255], [2, 16, 7, 0, 255], [15, 24, 7, 0, 255]],
}


def blocks(format_: GpuFormat, width_px: int, height_px: int, count: int | None = None) -> list[bytes]:
    """A chain whose levels all hold different bytes."""
    if count is None:
        count = n_levels(width_px, height_px)
    sizes = [format_.level_bytes(*level_size(width_px, height_px, level)) for level in range(count)]
    return [bytes((level * 31 + place) % 251 for place in range(size)) for level, size in enumerate(sizes)]


def small(name: str = "bc1") -> bytes:
    format_ = GPU_FORMATS[name]
    return write_ktx2(blocks(format_, 8, 8), format=format_, width_px=8, height_px=8)


@pytest.mark.engine
@pytest.mark.parametrize("name", GPU_FORMATS)
def test_another_reader_finds_every_level_and_field(name: str) -> None:
    format_ = GPU_FORMATS[name]
    levels = blocks(format_, 40, 24)
    seen = read_with("read_ktx2.mjs", write_ktx2(levels, format=format_, width_px=40, height_px=24))
    edge = format_.block_px - 1
    assert seen == {
        "vk_format": format_.vk_format,
        "type_size": 1,
        "size": [40, 24, 0],
        "layers": 0,
        "faces": 1,
        "supercompression": 0,
        "levels": [
            {
                "bytes": len(level),
                "uncompressed_bytes": len(level),
                "sha256": hashlib.sha256(level).hexdigest(),
            }
            for level in levels
        ],
        "entries": {"KTXorientation": "rd", "KTXwriter": "vrbridge"},
        "n_descriptors": 1,
        "color_model": format_.color_model,
        "primaries": 1,
        "transfer": 1,
        "block": [edge, edge, 0, 0],
        "bytes_planes": [format_.block_bytes, 0, 0, 0, 0, 0, 0, 0],
        "samples": SAMPLES[name],
    }


def test_the_bytes_are_those_of_the_specification() -> None:
    data = write_ktx2([b"ABCDEFGH"], format=GPU_FORMATS["bc1"], width_px=4, height_px=3)
    expected = (
        b"\xabKTX 20\xbb\r\n\x1a\n"  # identifier
        + struct.pack("<9I", 131, 1, 4, 3, 0, 0, 1, 1, 0)  # vkFormat … faces, levels, supercompression
        + struct.pack("<4I2Q", 104, 44, 148, 48, 0, 0)  # where descriptor and key/value data lie
        + struct.pack("<3Q", 200, 8, 8)  # level 0: offset, length, length
        + struct.pack("<I", 44)  # descriptor, total size
        + struct.pack("<2I", 0, 40 << 16 | 2)  # Khronos basic descriptor of 40 bytes, version 2
        + bytes([128, 1, 1, 0])  # BC1A, BT.709, linear, straight alpha
        + bytes([3, 3, 0, 0])  # texel block of 4 × 4
        + bytes([8, 0, 0, 0, 0, 0, 0, 0])  # bytes in plane 0
        + struct.pack("<HBB4s2I", 0, 63, 0, bytes(4), 0, 0xFFFFFFFF)  # colour in bits 0–63
        + struct.pack("<I", 18) + b"KTXorientation\0rd\0" + bytes(2)
        + struct.pack("<I", 19) + b"KTXwriter\0vrbridge\0" + bytes(1)
    )  # fmt: skip
    assert data == expected + bytes(4) + b"ABCDEFGH"


@pytest.mark.parametrize("name", GPU_FORMATS)
def test_the_smallest_level_comes_first_in_the_file(name: str) -> None:
    format_ = GPU_FORMATS[name]
    levels = blocks(format_, 40, 24)
    data = write_ktx2(levels, format=format_, width_px=40, height_px=24)
    entries = [struct.unpack_from("<3Q", data, 80 + 24 * number) for number in range(len(levels))]
    offsets = [offset for offset, _, _ in entries]
    assert offsets == sorted(offsets, reverse=True)
    assert [data[offset : offset + size] for offset, size, _ in entries] == levels
    assert all(offset % format_.block_bytes == 0 for offset in offsets)
    assert offsets[0] + len(levels[0]) == len(data)


@given(st.sampled_from(sorted(GPU_FORMATS)), SIZES, SIZES, st.data())
def test_our_reader_gets_back_what_went_in(
    name: str, width_px: int, height_px: int, data: st.DataObject
) -> None:
    format_ = GPU_FORMATS[name]
    count = data.draw(st.integers(1, n_levels(width_px, height_px)))
    levels = blocks(format_, width_px, height_px, count)
    file = write_ktx2(levels, format=format_, width_px=width_px, height_px=height_px)
    seen = read_ktx2(file)
    assert (seen.format, seen.width_px, seen.height_px) == (format_, width_px, height_px)
    assert [bytes(level) for level in seen.levels] == levels
    assert file == write_ktx2(levels, format=format_, width_px=width_px, height_px=height_px)


@given(st.sampled_from(sorted(GPU_FORMATS)), st.data())
def test_a_damaged_file_is_refused_or_read_and_nothing_else(name: str, data: st.DataObject) -> None:
    damaged = bytearray(small(name))
    for _ in range(data.draw(st.integers(1, 3))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(damaged[: data.draw(st.integers(0, len(damaged)))])
    try:
        seen = read_ktx2(cut)
    except ValueError:
        return
    assert isinstance(seen, Ktx2)
    assert len(cut) == len(damaged)


@pytest.mark.parametrize("n_bytes", [0, 12, 79, 80, 150, -1])
def test_a_file_that_is_cut_off_is_refused(n_bytes: int) -> None:
    with pytest.raises(ValueError, match="KTX2"):
        read_ktx2(small()[:n_bytes])


def test_a_file_with_bytes_at_its_end_is_refused() -> None:
    with pytest.raises(ValueError, match="cut off or has more bytes"):
        read_ktx2(small() + b"\0")


@pytest.mark.parametrize(
    ("width_px", "height_px", "count"), [(1, 1, 1), (2, 1, 2), (3, 3, 2), (512, 512, 10), (640, 64, 10)]
)
def test_a_full_chain_ends_at_one_pixel(width_px: int, height_px: int, count: int) -> None:
    assert n_levels(width_px, height_px) == count
    assert level_size(width_px, height_px, count - 1) == (1, 1)


@pytest.mark.parametrize(
    ("levels", "width_px", "height_px", "reason"),
    [
        ([], 4, 4, "0 mip levels"),
        ([bytes(8)] * 4, 4, 4, "4 mip levels"),
        ([bytes(9)], 4, 4, "9 bytes instead of 8"),
        ([bytes(8)], 0, 4, "not possible"),
        ([bytes(8)], 4, 1 << 17, "not possible"),
    ],
)
def test_levels_that_make_no_chain_are_refused(
    levels: list[bytes], width_px: int, height_px: int, reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        write_ktx2(levels, format=GPU_FORMATS["bc1"], width_px=width_px, height_px=height_px)
