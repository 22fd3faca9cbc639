"""Small models in the formats of games, made for tests."""

import struct
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from tests.training.pictures import packed
from vrbridge.errors import DataError
from vrbridge.training.game_models.parts import Part

CORNERS = [(1, 0, 0), (-1, 0, 0), (0, 2, 0), (0, -2, 0), (0, 0, 3), (0, 0, -3)]
"""Of an octahedron, by X, Y and Z."""
FACES = [(0, 2, 4), (2, 1, 4), (1, 3, 4), (3, 0, 4), (2, 0, 5), (1, 2, 5), (3, 1, 5), (0, 3, 5)]
"""Counter-clockwise from outside, from 0."""
RED = packed(np.full((4, 4, 3), (255, 0, 0), np.uint8), "png")


class MemoryFiles:
    """Files by name."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files

    def __contains__(self, name: object) -> bool:
        return name in self.files

    def read(self, name: str) -> bytes:
        if name not in self.files:
            raise DataError(f"{name}: not in the package.")
        return self.files[name]


def fixed(text: str, n_bytes: int = 64) -> bytes:
    """Return a text, filled up with zeros."""
    return text.encode().ljust(n_bytes, b"\0")


def obj(*, library: str = "o.mtl", material: str = "paint") -> bytes:
    """Return the octahedron as OBJ, all its texture coordinates in the picture's middle."""
    lines = [
        f"mtllib {library}",
        *(f"v {x} {y} {z}" for x, y, z in CORNERS),
        "vt 0.5 0.5",
        f"usemtl {material}",
    ]
    lines += [f"f {a + 1}/1 {b + 1}/1 {c + 1}/1" for a, b, c in FACES]
    return "\n".join(lines).encode()


def md2() -> bytes:
    """Return the octahedron as MD2 with a picture of 8 × 4."""
    points = b"".join(struct.pack("<4B", *(v + 3 for v in p), 0) for p in CORNERS)
    faces = b"".join(struct.pack("<6H", *face, 0, 1, 0) for face in FACES)
    uv = struct.pack("<4h", 4, 1, 8, 4)
    frame = struct.pack("<6f", 1, 1, 1, -3, -3, -3) + fixed("first", 16) + points
    uv_at = 68
    faces_at = uv_at + len(uv)
    frames_at = faces_at + len(faces)
    head = struct.pack(
        "<4s16i", b"IDP2", 8, 8, 4, len(frame), 0, 6, 2, 8, 0, 1, 68, uv_at, faces_at, frames_at, 0, 0
    )
    return head + uv + faces + frame


def md3() -> bytes:
    """Return the octahedron as the two surfaces of an MD3, four faces each."""
    surfaces = b""
    for faces in (FACES[:4], FACES[4:]):
        triangles = b"".join(struct.pack("<3i", *face) for face in faces)
        uv = struct.pack("<2f", 0.25, 0.75) * 6
        points = b"".join(struct.pack("<4h", *(64 * v for v in p), 0) for p in CORNERS)
        faces_at = 108
        uv_at = faces_at + len(triangles)
        points_at = uv_at + len(uv)
        size = points_at + len(points)
        counts = struct.pack("<9i", 1, 0, 6, 4, faces_at, faces_at, uv_at, points_at, size)
        surfaces += b"IDP3" + fixed("skin") + bytes(4) + counts + triangles + uv + points
    head = (
        b"IDP3"
        + struct.pack("<i", 15)
        + fixed("model")
        + bytes(4)
        + struct.pack("<8i", 1, 0, 2, 0, 0, 0, 108, 0)
    )
    return head.ljust(108, b"\0") + surfaces


def g3d(picture: str | None = "skin.png", *, n_frames: int = 1) -> bytes:
    """Return the octahedron as G3D; frames after the first are moved far away."""
    points = b"".join(
        struct.pack("<3f", *(v + 100 * frame for v in p)) for frame in range(n_frames) for p in CORNERS
    )
    head = fixed("mesh") + struct.pack(
        "<III3f3fffII", n_frames, 6, 24, 0.2, 0.4, 0.6, 0, 0, 0, 9, 1, 0, picture is not None
    )
    names = fixed(picture) if picture is not None else b""
    uv = struct.pack("<2f", 0.5, 0.5) * 6 if picture is not None else b""
    faces = b"".join(struct.pack("<3I", *face) for face in FACES)
    return b"G3D\x04" + struct.pack("<HB", 1, 0) + head + names + points + bytes(len(points)) + uv + faces


def spm(picture: str = "skin.png", *, colors: list[tuple[int, int, int] | None] | None = None) -> bytes:
    """Return the octahedron as SPM with normals; `colors`: of each vertex, None for white."""
    flags = 1 | (2 if colors else 0)
    body = b""
    for number, point in enumerate(CORNERS):
        body += struct.pack("<3f4x", *point)
        if colors:
            color = colors[number]
            body += b"\x80" if color is None else bytes([0, *color])
        if picture:
            body += np.array([0.25, 0.5], "<f2").tobytes()
    faces = bytes(corner for face in FACES for corner in face)
    names = bytes([len(picture)]) + picture.encode() + b"\0"
    return (
        b"SP" + bytes([8, flags]) + bytes(24) + struct.pack("<H", 1) + names
        + struct.pack("<HHIIH", 1, 1, 6, 24, 0) + body + faces
    )  # fmt: skip


def pmd(
    points: Mapping[str, tuple[tuple[float, ...], int]] | None = None,
    bones: list[tuple[float, ...]] | None = None,
) -> bytes:
    """Return the octahedron as PMD, with points to attach things to by name, placement and bone."""
    body = b"".join(struct.pack("<3f3f2f20x", *p, 0, 1, 0, 0.5, 0.5) for p in CORNERS)
    body += struct.pack("<I", 8) + b"".join(struct.pack("<3H", *face) for face in FACES)
    body += struct.pack("<I", len(bones or [])) + b"".join(struct.pack("<7f", *bone) for bone in bones or [])
    body += struct.pack("<I", len(points or {}))
    for name, (placement, bone) in (points or {}).items():
        body += struct.pack("<I", len(name)) + name.encode() + struct.pack("<7fB", *placement, bone)
    return b"PSMD" + struct.pack("<IIII", 4, 0, 6, 1) + body


def ac(*, texture: str = "") -> bytes:
    """Return the octahedron as AC3D."""
    lines = [
        "AC3Db",
        'MATERIAL "m" rgb 0.2 0.4 0.6 amb 0 0 0 emis 0 0 0 spec 0 0 0 shi 9 trans 0.25',
        "OBJECT world",
    ]
    lines += [
        "kids 1",
        "OBJECT poly",
        'name "o"',
        *([f'texture "{texture}"'] if texture else []),
        "numvert 6",
    ]
    lines += [f"{x} {y} {z}" for x, y, z in CORNERS]
    lines += ["numsurf 8"]
    for face in FACES:
        lines += ["SURF 0x20", "mat 0", "refs 3", *(f"{corner} 0.5 0.5" for corner in face)]
    return "\n".join([*lines, "kids 0"]).encode()


def triangles(parts: Sequence[Part]) -> set[frozenset[tuple[float, ...]]]:
    """Return the faces of all parts as the places of their corners."""
    return {
        frozenset(tuple(round(float(v), 6) for v in corner) for corner in part.vertices[face])
        for part in parts
        for face in part.faces
    }


def octahedron(
    place: Callable[[int, int, int], tuple[float, float, float]],
) -> set[frozenset[tuple[float, ...]]]:
    """Return what `triangles` finds in an octahedron whose corners were placed so."""
    return {frozenset(place(*CORNERS[corner]) for corner in face) for face in FACES}


def volume(parts: Sequence[Part]) -> float:
    """Return the volume inside of all parts, below 0 if faces look inwards."""
    corners = np.concatenate([part.vertices[part.faces] for part in parts])
    return float(np.linalg.det(corners).sum() / 6)
