"""G3D files."""

import pytest

from tests.training.game_models.samples import RED, MemoryFiles, g3d, octahedron, triangles, volume
from vrbridge.errors import DataError
from vrbridge.training.game_models.g3d import read_g3d


@pytest.mark.parametrize("n_frames", [1, 3])
def test_the_first_frame_counts(n_frames: int) -> None:
    [part] = read_g3d("m/o.g3d", MemoryFiles({"m/o.g3d": g3d(n_frames=n_frames), "m/skin.png": RED}))
    assert triangles([part]) == octahedron(lambda x, y, z: (x, y, z))
    assert volume([part]) == pytest.approx(8)
    assert part.color == pytest.approx((0.2, 0.4, 0.6))
    assert part.picture == "m/skin.png"
    assert part.uv is not None
    assert part.uv.tolist() == [[0.5, 0.5]] * 6


def test_a_picture_may_have_another_ending_or_lie_elsewhere() -> None:
    files = MemoryFiles({"m/o.g3d": g3d("..\\skins/a.bmp"), "skins/a.tga": RED})
    assert read_g3d("m/o.g3d", files)[0].picture == "skins/a.tga"


def test_a_mesh_may_have_no_picture() -> None:
    [part] = read_g3d("o.g3d", MemoryFiles({"o.g3d": g3d(None)}))
    assert (part.uv, part.picture) == (None, None)


def test_other_versions_and_damage_are_refused() -> None:
    content = g3d(None)
    for wrong in (b"G3D\x03" + content[4:], b"", content[:-1], content[:-4] + b"\x06\0\0\0"):
        with pytest.raises(DataError, match=r"o\.g3d: "):
            read_g3d("o.g3d", MemoryFiles({"o.g3d": wrong}))
