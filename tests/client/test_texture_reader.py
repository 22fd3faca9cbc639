"""Pixels out of texture assets."""

import io
import struct

import numpy as np
import pytest
from PIL import Image

from vrbridge.client.events import Asset
from vrbridge.client.texture_reader import read_rgba8, read_texture

PIXELS = np.arange(2 * 4 * 4, dtype=np.uint8).reshape(2, 4, 4)


def ktx2(vk_format: int = 37, body: bytes = PIXELS.tobytes()) -> bytes:
    identifier = bytes([0xAB, *b"KTX 20", 0xBB, 13, 10, 26, 10])
    header = struct.pack("<9I", vk_format, 1, 4, 2, 0, 0, 1, 1, 0)
    index = bytes(32)
    return identifier + header + index + struct.pack("<3Q", 104, len(body), len(body)) + body


def asset(data: bytes) -> Asset:
    return Asset(role="base_color", media_type="image/x", data=data, digest="", meta={})


def test_an_uncompressed_ktx2_gives_its_pixels() -> None:
    assert read_texture(asset(ktx2())).tolist() == PIXELS.tolist()
    assert read_rgba8(ktx2(vk_format=43)).tolist() == PIXELS.tolist()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (ktx2(vk_format=131), "blocks for a GPU"),
        (ktx2()[:-1], "cut off"),
        (ktx2()[:90], "no KTX2"),
        (b"", "no KTX2"),
    ],
)
def test_other_ktx2_files_are_refused_with_a_reason(data: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        read_rgba8(data)


def test_pictures_are_read_whatever_their_mode() -> None:
    for pixels in (PIXELS, PIXELS[..., :3], PIXELS[..., 0]):
        file = io.BytesIO()
        Image.fromarray(np.ascontiguousarray(pixels)).save(file, "PNG")
        expected = pixels.reshape(2, 4, -1)
        assert read_texture(asset(file.getvalue())).tolist() == expected.tolist()


def test_deep_heights_keep_their_upper_half() -> None:
    file = io.BytesIO()
    Image.fromarray(np.array([[0, 256, 65535]], np.uint16)).save(file, "PNG")
    assert read_texture(asset(file.getvalue())).reshape(-1).tolist() == [0, 1, 255]


def test_what_is_no_picture_says_so() -> None:
    with pytest.raises(ValueError, match="base_color"):
        read_texture(asset(b"nothing"))
