"""SPM files."""

import pytest

from tests.training.game_models.samples import RED, MemoryFiles, octahedron, spm, triangles
from vrbridge.errors import DataError
from vrbridge.training.game_models.spm import read_spm


def test_the_picture_is_beside_the_model_or_among_the_shared() -> None:
    content = spm()
    for place in ("data/karts/skin.png", "data/textures/skin.png", "data/models/skin.png"):
        [part] = read_spm("data/karts/o.spm", MemoryFiles({"data/karts/o.spm": content, place: RED}))
        assert part.picture == place
    assert triangles([part]) == octahedron(lambda x, y, z: (-x, y, z))
    assert part.uv is not None
    assert part.uv.tolist() == [[0.25, 0.5]] * 6
    assert part.color == (1, 1, 1)


def test_without_a_picture_colors_are_averaged_and_white_ones_left_out() -> None:
    content = spm("", colors=[(255, 0, 0), None, (255, 0, 0), None, (255, 0, 0), None])
    [part] = read_spm("o.spm", MemoryFiles({"o.spm": content}))
    assert part.color == pytest.approx((1, 0.5, 0.5))
    assert part.picture is None
    assert triangles([part]) == octahedron(lambda x, y, z: (-x, y, z))


def test_colors_and_a_picture_go_together() -> None:
    content = spm("skin.png", colors=[(0, 0, 0), None] * 3)
    [part] = read_spm("o.spm", MemoryFiles({"o.spm": content, "skin.png": RED}))
    assert part.picture == "skin.png"
    assert part.uv is not None
    assert part.uv.tolist() == [[0.25, 0.5]] * 6


def test_damage_is_named() -> None:
    content = spm()
    for wrong in (b"SM" + content[2:], content[:-1], content[:20], content[:-1] + b"\x06"):
        with pytest.raises(DataError, match=r"o\.spm: "):
            read_spm("o.spm", MemoryFiles({"o.spm": wrong}))
