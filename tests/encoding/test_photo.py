"""Pictures of unknown origin are opened within bounds, or refused with a reason."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from vrbridge.encoding.photo import MAX_PIXELS, UnreadablePicture, centre_square, opaque, open_photo, rgb

RED = (200, 40, 20)


def packed(picture: Image.Image, file_format: str, **options: object) -> io.BytesIO:
    buffer = io.BytesIO()
    picture.save(buffer, file_format, **options)
    buffer.seek(0)
    return buffer


def png_that_claims(width: int, height: int) -> io.BytesIO:
    """Return a PNG of a few bytes whose header says that it is large."""

    def part(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return io.BytesIO(b"\x89PNG\r\n\x1a\n" + part(b"IHDR", header) + part(b"IDAT", b"") + part(b"IEND", b""))


@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "WEBP"])
def test_usual_files_are_opened(file_format: str) -> None:
    picture = open_photo(packed(Image.new("RGB", (80, 60), RED), file_format), min_side_px=32)
    assert picture.size == (80, 60)
    assert np.abs(np.asarray(rgb(picture), np.int16) - RED).max() < 12


@pytest.mark.parametrize(("width", "height"), [(100_000, 100_000), (8193, 8192), (1 << 31, 1)])
def test_a_picture_that_claims_to_be_huge_is_refused_before_it_is_decoded(width: int, height: int) -> None:
    with pytest.raises(UnreadablePicture, match=r"smaller|can't be read|no picture"):
        open_photo(png_that_claims(width, height), min_side_px=32)
    assert MAX_PIXELS == 8192 * 8192


def test_a_real_bomb_of_few_bytes_is_refused() -> None:
    bomb = packed(Image.new("1", (9000, 9000)), "PNG")
    assert len(bomb.getvalue()) < 50_000
    with pytest.raises(UnreadablePicture, match="9000 × 9000"):
        open_photo(bomb, min_side_px=32)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff\xe0",
        b"RIFF\x10\0\0\0WEBPVP8 ",
        b"GIF89a" + bytes(20),
    ],
)
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadablePicture):
        open_photo(io.BytesIO(data), min_side_px=32)


@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "WEBP"])
def test_a_file_cut_anywhere_is_refused_or_whole(file_format: str) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)
    data = packed(Image.fromarray(noise), file_format).getvalue()
    for length in range(0, len(data) - 16, max(1, len(data) // 60)):
        with pytest.raises(UnreadablePicture):
            open_photo(io.BytesIO(data[:length]), min_side_px=32)


def test_files_of_other_formats_are_refused_with_those_that_are_taken() -> None:
    with pytest.raises(UnreadablePicture, match="JPEG, PNG"):
        open_photo(packed(Image.new("RGB", (64, 64)), "TIFF"), min_side_px=32, formats=("JPEG", "PNG"))


def test_small_sides_are_refused() -> None:
    with pytest.raises(UnreadablePicture, match="64 × 20"):
        open_photo(packed(Image.new("RGB", (64, 20)), "PNG"), min_side_px=32)


def test_the_camera_says_what_is_up() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    picture = open_photo(packed(Image.new("RGB", (80, 60)), "JPEG", exif=exif), min_side_px=32)
    assert picture.size == (60, 80)


def test_a_large_jpeg_may_be_decoded_smaller() -> None:
    picture = open_photo(packed(Image.new("RGB", (1600, 1200), RED), "JPEG"), min_side_px=32, enough_px=300)
    assert picture.size == (400, 300)


def test_sixteen_bits_become_eight(tmp_path: Path) -> None:
    values = np.full((40, 40), 0x8000, np.uint16)
    Image.fromarray(values).save(tmp_path / "deep.png")
    picture = opaque(open_photo(tmp_path / "deep.png", min_side_px=32))
    assert picture.mode == "RGB"
    assert np.asarray(picture).mean() == pytest.approx(128, abs=1)


def test_print_colours_become_screen_colours() -> None:
    picture = opaque(
        open_photo(packed(Image.new("CMYK", (40, 40), (0, 255, 255, 0)), "JPEG"), min_side_px=32)
    )
    red, green, blue = np.asarray(picture, np.float32).mean((0, 1))
    assert red > 180 > 90 > max(green, blue)


def test_transparent_places_take_the_mean_of_the_others() -> None:
    values = np.zeros((40, 40, 4), np.uint8)
    values[:20] = (*RED, 255)
    filled = np.asarray(opaque(Image.fromarray(values)), np.int16)
    assert np.abs(filled - RED).max() <= 1


def test_a_palette_with_a_transparent_colour_is_filled() -> None:
    picture = Image.new("P", (40, 40), 0)
    picture.putpalette([0, 0, 0, *RED])
    picture.paste(1, (0, 0, 40, 20))
    opened = open_photo(packed(picture, "PNG", transparency=0), min_side_px=32)
    assert np.abs(np.asarray(opaque(opened), np.int16) - RED).max() <= 1


def test_nothing_but_transparency_is_refused() -> None:
    with pytest.raises(UnreadablePicture, match="transparent everywhere"):
        opaque(Image.new("RGBA", (40, 40)))


def test_colour_profiles_are_followed_and_damaged_ones_passed_over() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for profile in (lab, lab[:40], b"nonsense"):
        data = packed(Image.new("RGB", (40, 40), RED), "PNG", icc_profile=profile)
        assert np.abs(np.asarray(opaque(open_photo(data, min_side_px=32)), np.int16) - RED).max() <= 2


def test_the_middle_is_kept() -> None:
    values = np.zeros((40, 100, 3), np.uint8)
    values[:, 30:70] = 255
    assert np.asarray(centre_square(Image.fromarray(values))).min() == 255
