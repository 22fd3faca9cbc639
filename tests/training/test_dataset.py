"""A data folder as arrays."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from tests.training.pictures import noise, png_that_claims, write
from vrbridge.errors import DataError
from vrbridge.training.dataset import TextureData


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three pictures; the first has all maps, the last a height."""
    data = tmp_path / "data"
    for index in range(3):
        write(data / f"{index}.png", noise(index))
    for index, kind in enumerate(("normal", "specular", "height")):
        write(data / f"0_{kind}.png", noise(10 + index))
    write(data / "2_height.png", noise(13))
    maps = [
        {"normal": "0_normal.png", "specular": "0_specular.png", "height": "0_height.png"},
        {},
        {"height": "2_height.png"},
    ]
    captions = ["yellow rippled sand", "gray rock", "oak planks"]
    lines = [
        {"file": f"{i}.png", "caption": captions[i], "category": "c", "license": "CC0-1.0", "maps": maps[i]}
        for i in range(3)
    ]
    (data / "metadata.jsonl").write_text("\n".join(map(json.dumps, lines)))
    return data


def test_pictures_words_and_maps_come_in_order(folder: Path, tmp_path: Path) -> None:
    data = TextureData.open(folder, size_px=64, cache=tmp_path / "cache")
    assert len(data) == 3
    assert data.color.dtype == np.uint8
    assert (data.color == np.stack([noise(i) for i in range(3)])).all()
    assert data.captions == ["yellow rippled sand", "gray rock", "oak planks"]
    assert (data.categories, data.licenses, data.files) == (
        ["c"] * 3,
        ["CC0-1.0"] * 3,
        ["0.png", "1.png", "2.png"],
    )
    assert data.is_held_out.tolist() == [True, False, False]
    assert data.is_tileable.tolist() == [True, True, True]
    assert data.normal.row.tolist() == [0, -1, -1]
    assert (data.normal.values == noise(10)).all()
    assert data.gloss.has.tolist() == [True, False, False]
    assert data.height.row.tolist() == [0, -1, 1]
    assert data.height.values.shape == (2, 64, 64)


def test_maps_of_a_batch_are_zero_where_there_is_none(folder: Path, tmp_path: Path) -> None:
    data = TextureData.open(folder, size_px=64, cache=tmp_path / "cache")
    normals, is_real = data.normal.of(np.array([1, 0, 0]))
    assert is_real.tolist() == [False, True, True]
    assert (normals[1:] == noise(10)).all()
    assert not normals[0].any()


def test_other_conventions_of_maps_are_turned_round(tmp_path: Path) -> None:
    write(tmp_path / "data/oak.png", noise(1))
    write(tmp_path / "data/oak_normaldx.png", noise(2))
    gray = np.repeat(noise(3)[..., :1], 3, 2)
    write(tmp_path / "data/oak_roughness.png", gray)
    data = TextureData.open(tmp_path / "data", size_px=64, cache=tmp_path / "cache")
    assert (data.normal.values[0, ..., 1] == 255 - noise(2)[..., 1]).all()
    assert (data.normal.values[0, ..., ::2] == noise(2)[..., ::2]).all()
    assert (data.gloss.values[0] == 255 - gray[..., 0]).all()
    assert data.height.values.shape == (0, 64, 64)


def test_pictures_of_any_shape_become_tiles_of_the_size(tmp_path: Path) -> None:
    write(tmp_path / "data/oak.png", np.repeat(np.repeat(noise(1), 3, 0), 2, 1))
    write(tmp_path / "data/rock.webp", noise(2, 80, 400))
    data = TextureData.open(tmp_path / "data", size_px=128, cache=tmp_path / "cache")
    assert data.color.shape == (2, 128, 128, 3)
    assert data.is_tileable.tolist() == [False, False]


def test_the_second_opening_decodes_nothing(folder: Path, tmp_path: Path) -> None:
    calls: list[int] = []
    for _ in range(2):
        TextureData.open(
            folder, size_px=64, cache=tmp_path / "cache", progress=lambda done, _: calls.append(done)
        )
    assert calls == [1, 2, 3]


def test_a_changed_picture_is_decoded_anew_and_the_old_state_forgotten(folder: Path, tmp_path: Path) -> None:
    TextureData.open(folder, size_px=64, cache=tmp_path / "cache")
    write(folder / "1.png", noise(77))
    os.utime(folder / "1.png", ns=(1, 1))
    data = TextureData.open(folder, size_px=64, cache=tmp_path / "cache")
    assert (data.color[1] == noise(77)).all()
    TextureData.open(folder, size_px=128, cache=tmp_path / "cache")
    assert len(list((tmp_path / "cache").iterdir())) == 2


def test_arrays_can_t_be_written_to_by_accident(folder: Path, tmp_path: Path) -> None:
    data = TextureData.open(folder, size_px=64, cache=tmp_path / "cache")
    with pytest.raises(ValueError, match="read-only"):
        data.color[0] = 0


@pytest.mark.parametrize("content", [b"nothing", png_that_claims(50_000, 50_000)])
def test_a_broken_picture_is_named_and_leaves_nothing_behind(
    folder: Path, tmp_path: Path, content: bytes
) -> None:
    (folder / "2_height.png").write_bytes(content)
    with pytest.raises(DataError, match=r"2_height\.png"):
        TextureData.open(folder, size_px=64, cache=tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_cache_that_can_t_be_written_is_an_error_of_the_user_s(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(DataError, match="can't be kept"):
        TextureData.open(folder, size_px=64, cache=tmp_path / "cache")


@pytest.mark.parametrize("size_px", [0, 63, 4096])
def test_a_senseless_size_is_refused(folder: Path, size_px: int) -> None:
    with pytest.raises(DataError, match="not between 64 and 2048"):
        TextureData.open(folder, size_px=size_px)
