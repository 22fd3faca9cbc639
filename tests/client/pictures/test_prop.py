"""Pictures of props."""

import math

import numpy as np
import numpy.typing as npt

from tests.client.pictures.shapes import square, surface
from vrbridge.client.mesh_reader import MeshPart
from vrbridge.client.pictures.prop import prop_picture

SIZE = 96


def reddish(picture: npt.NDArray[np.int_]) -> npt.NDArray[np.bool_]:
    mask: npt.NDArray[np.bool_] = picture[..., 0] - picture[..., 2] > 40
    return mask


def box() -> list[MeshPart]:
    """Six squares of one colour as a closed cube."""
    front = square(color=(0.8, 0.1, 0.1))
    parts = []
    for turn in range(4):
        angle = turn * math.pi / 2
        spin = np.array(
            [[math.cos(angle), 0, math.sin(angle)], [0, 1, 0], [-math.sin(angle), 0, math.cos(angle)]],
            np.float32,
        )
        moved = (front.positions + np.array([0, 0, 0.5], np.float32)) @ spin.T
        parts.append(changed(front, moved, front.normals @ spin.T))
    top = np.array([[-0.5, 1, 0.5], [0.5, 1, 0.5], [0.5, 1, -0.5], [-0.5, 1, -0.5]], np.float32)
    parts.append(changed(front, top, np.tile(np.array([0, 1, 0], np.float32), (4, 1))))
    return parts


def changed(part: MeshPart, positions: npt.NDArray[np.float32], normals: npt.NDArray[np.float32]) -> MeshPart:
    return MeshPart(
        part.material, positions, part.faces, normals, part.uv, None, part.base_color, 0.0, part.roughness
    )


def test_a_prop_fills_the_picture_without_touching_its_edge() -> None:
    for azimuth_rad in (0.0, 0.6, 3.0):
        mask = reddish(prop_picture(box(), {}, azimuth_rad=azimuth_rad, size_px=SIZE).astype(int))
        rows, columns = np.nonzero(mask)
        assert max(np.ptp(rows), np.ptp(columns)) > 0.6 * SIZE
        assert rows.min() > 1
        assert columns.min() > 1
        assert rows.max() < SIZE - 2
        assert columns.max() < SIZE - 2


def test_a_prop_stands_in_its_shadow_on_the_side_away_from_the_lamp() -> None:
    picture = prop_picture(box(), {}, azimuth_rad=0.6, size_px=SIZE).astype(int)
    floor = np.where(reddish(picture)[..., None], 999, picture).mean(axis=2)
    row = SIZE * 6 // 10
    left, right = floor[row, 2:12], floor[row, -12:-2]
    assert floor[row:, SIZE // 2 :].min() < 0.75 * left.mean()
    assert abs(left.mean() - right.mean()) < 60


def test_textures_are_seen_where_their_coordinates_put_them() -> None:
    halves = np.zeros((8, 8, 3), np.uint8)
    halves[:, :4, 0] = 255  # the left half is red
    halves[:, 4:, 2] = 255  # the right half is blue
    picture = prop_picture([square()], {"wall": surface(color=halves)}, azimuth_rad=0.0, size_px=SIZE).astype(
        int
    )
    middle = picture[SIZE // 2]
    redness = middle[:, 0] - middle[:, 2]
    assert (redness[SIZE // 4 : SIZE // 2 - 4] > 60).all()
    assert (redness[SIZE // 2 + 4 : 3 * SIZE // 4] < -60).all()


def test_a_normal_map_tilts_towards_the_side_that_it_names() -> None:
    def brightness(normal: tuple[int, int, int]) -> float:
        walls = {"wall": surface(color=(120, 120, 120), normal=normal)}
        picture = prop_picture([square()], walls, azimuth_rad=0.0, size_px=SIZE)
        return float(picture[40:56, 40:56].mean())

    # The lamp is at the upper left.
    assert brightness((60, 128, 220)) > brightness((128, 128, 255)) > brightness((196, 128, 220))
    assert brightness((128, 196, 220)) > brightness((128, 128, 255)) > brightness((128, 60, 220))


def test_vertex_colours_show_where_there_is_no_texture() -> None:
    part = square()
    green = np.tile(np.array([10, 200, 10, 255], np.uint8), (4, 1))
    colored = MeshPart("x", part.positions, part.faces, part.normals, None, green, (1, 1, 1, 1), 0.0, 0.9)
    middle = prop_picture([colored], {}, azimuth_rad=0.0, size_px=SIZE)[SIZE // 2, SIZE // 2].astype(int)
    assert middle[1] > 2 * max(middle[0], middle[2])
