"""Files that any viewer opens."""

import io
import json
import struct
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import trimesh
from PIL import Image

from tests.client.demo.walks import glb, mesh
from tests.client.pictures.shapes import asset, square
from vrbridge.cli.export import tiled_png, write_material, write_mesh
from vrbridge.client.events import Asset
from vrbridge.client.results import Material, Mesh
from vrbridge.client.texture_reader import read_texture


def noise(*shape: int) -> npt.NDArray[np.uint8]:
    return np.random.default_rng(5).integers(0, 256, shape, np.uint8)


def ktx2(pixels: npt.NDArray[np.uint8]) -> bytes:
    identifier = bytes([0xAB, *b"KTX 20", 0xBB, 13, 10, 26, 10])
    header = struct.pack("<9I", 37, 1, pixels.shape[1], pixels.shape[0], 0, 0, 1, 1, 0)
    body = pixels.tobytes()
    return identifier + header + bytes(32) + struct.pack("<3Q", 104, len(body), len(body)) + body


def test_a_material_is_one_png_a_map_and_a_tiled_one(tmp_path: Path) -> None:
    color, height = noise(16, 16, 3), noise(16, 16)
    maps = {"base_color": asset("base_color", color), "height": asset("height", height)}
    written = write_material(Material(maps, None, {}, {}), tmp_path / "new" / "wall")
    assert [path.name for path in written] == ["base_color.png", "height.png", "tiled.png"]
    with Image.open(written[0]) as picture:
        assert np.array_equal(np.asarray(picture), color)
    with Image.open(written[2]) as picture:
        assert np.array_equal(np.asarray(picture), np.tile(color, (3, 3, 1)))


def test_uncompressed_ktx2_becomes_png_without_alpha(tmp_path: Path) -> None:
    pixels = noise(8, 8, 4)
    texture = Asset(role="normal", media_type="image/ktx2", data=ktx2(pixels), digest="", meta={})
    (path,) = write_material(Material({"normal": texture}, None, {}, {}), tmp_path)
    with Image.open(path) as picture:
        assert picture.mode == "RGB"
        assert np.array_equal(np.asarray(picture), pixels[..., :3])


def test_a_large_material_is_tiled_at_a_size_one_can_look_at() -> None:
    with Image.open(io.BytesIO(tiled_png(asset("base_color", noise(2048, 2048, 3))))) as picture:
        assert picture.size == (1536, 1536)


def test_a_mesh_has_its_textures_inside_and_opens_elsewhere(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "door.glb"
    made = mesh()
    write_mesh(made, file, name="oak door")
    loaded = trimesh.load_scene(file)
    (geometry,) = loaded.geometry.values()
    assert geometry.faces.shape == (2, 3)
    assert geometry.bounds.tolist() == [[-0.5, 0, 0], [0.5, 1, 0]]
    material = geometry.visual.material
    for role, picture in (
        ("base_color", material.baseColorTexture),
        ("normal", material.normalTexture),
        ("orm", material.metallicRoughnessTexture),
    ):
        expected = read_texture(made.textures["oak"][role])
        assert np.array_equal(np.asarray(picture.convert("RGB")), expected[..., :3])


def test_a_mesh_is_structurally_sound(tmp_path: Path) -> None:
    file = tmp_path / "door.glb"
    write_mesh(mesh(), file, name="oak door")
    data = file.read_bytes()
    magic, version, length = struct.unpack_from("<4sII", data)
    assert (magic, version, length) == (b"glTF", 2, len(data))
    json_bytes, kind = struct.unpack_from("<I4s", data, 12)
    assert kind == b"JSON"
    document = json.loads(data[20 : 20 + json_bytes])
    binary_bytes, kind = struct.unpack_from("<I4s", data, 20 + json_bytes)
    assert kind == b"BIN\0"
    assert document["buffers"][0]["byteLength"] <= binary_bytes
    for view in document["bufferViews"]:
        assert view.get("byteOffset", 0) + view["byteLength"] <= document["buffers"][0]["byteLength"]
    assert len(document["images"]) == 3
    assert "extensionsRequired" not in document
    assert document["nodes"][0]["extras"]["family"] == "door"


def test_texture_coordinates_are_in_tiles_as_viewers_expect(tmp_path: Path) -> None:
    half = {
        role: Asset(
            role=role, media_type=map.media_type, data=map.data, digest="", meta={"metres_per_tile": 0.5}
        )
        for role, map in mesh().textures["oak"].items()
    }
    level = Asset(
        role="lod0", media_type="model/gltf-binary", data=glb(square(name="oak")), digest="", meta={}
    )
    file = tmp_path / "door.glb"
    write_mesh(Mesh((level,), None, {"oak": half}, {}, {}), file, name="door")
    (geometry,) = trimesh.load_scene(file).geometry.values()
    assert np.ptp(geometry.visual.uv, axis=0).tolist() == [2.0, 2.0]


def test_a_mesh_without_geometry_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no geometry"):
        write_mesh(Mesh((), None, {}, {}, {}), tmp_path / "x.glb", name="x")
