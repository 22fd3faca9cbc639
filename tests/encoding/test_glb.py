"""GLB files as the Khronos validator and trimesh read them."""

import io
import json
import struct
from collections import Counter
from typing import Any

import numpy as np
import pytest
import trimesh

from tests.encoding.node import read_with
from tests.encoding.samples import bumps, grid, tile
from vrbridge.encoding.glb import MaterialImages, write_glb
from vrbridge.encoding.image import jpeg, png
from vrbridge.encoding.primitive import Material, Primitive

WOOD = Material("wood", (0.6, 0.4, 0.2, 1.0), metallic=0.0, roughness=0.8)
IRON = Material("iron", (0.5, 0.5, 0.55, 1.0), metallic=1.0, roughness=0.4)
GLASS = Material("glass", (0.9, 0.95, 1.0, 0.3), roughness=0.05)
IMAGES = MaterialImages(
    base_color=jpeg(tile()), normal=png(bumps()), orm=png(tile(channels=3)), metres_per_tile=2.0
)


def two_parts() -> list[Primitive]:
    return [
        grid(4, material=WOOD),
        grid(3, material=IRON, height_m=1.0),
        grid(2, material=WOOD, height_m=2.0),
    ]


WARNING = 1

FILES = {
    "one": lambda: write_glb([grid()], name="one"),
    "bare": lambda: write_glb([grid(has_uv=False, has_colors=False)], name="bare"),
    "parts": lambda: write_glb(two_parts(), name="Stuhl ü", extras={"seed": 3, "front": [0, 0, 1]}),
    "large": lambda: write_glb([grid(300, material=GLASS)], name="large"),
    "images": lambda: write_glb(two_parts(), name="images", images={"wood": IMAGES}),
}


def parts_of(data: bytes) -> tuple[dict[str, Any], bytes]:
    """The JSON document and the binary buffer, read by hand."""
    magic, version, total, json_bytes, json_type = struct.unpack_from("<4s4I", data)
    assert (magic, version, total, json_type) == (b"glTF", 2, len(data), 0x4E4F534A)
    bin_bytes, bin_type = struct.unpack_from("<2I", data, 20 + json_bytes)
    assert (bin_type, 28 + json_bytes + bin_bytes) == (0x004E4942, len(data))
    assert json_bytes % 4 == bin_bytes % 4 == 0
    return json.loads(data[20 : 20 + json_bytes]), data[28 + json_bytes :]


def loaded(data: bytes) -> trimesh.Scene:
    scene = trimesh.load(io.BytesIO(data), file_type="glb", process=False)
    assert isinstance(scene, trimesh.Scene)
    return scene


@pytest.mark.engine
@pytest.mark.parametrize("name", FILES)
def test_the_khronos_validator_finds_nothing(name: str) -> None:
    report = read_with("validate_glb.mjs", FILES[name]())
    found = [issue for issue in report["issues"]["messages"] if issue["severity"] <= WARNING]
    # Engines make tangents for normal maps themselves, all in the same way; ours would only be larger files.
    allowed = {"MESH_PRIMITIVE_GENERATED_TANGENT_SPACE"} if name == "images" else set()
    assert {issue["code"] for issue in found} <= allowed
    assert report["issues"]["numErrors"] == 0
    assert report["info"]["version"] == "2.0"
    assert "extensionsUsed" not in report["info"]


@pytest.mark.engine
def test_the_khronos_validator_would_find_something() -> None:
    data = bytearray(FILES["one"]())
    place = data.index(b'"componentType":5126')
    data[place : place + 20] = b'"componentType":5120'
    assert read_with("validate_glb.mjs", bytes(data))["issues"]["numErrors"] > 0


def test_trimesh_reads_back_the_geometry() -> None:
    primitive = grid(5)
    (mesh,) = loaded(write_glb([primitive], name="grid")).geometry.values()
    assert np.array_equal(mesh.vertices.astype(np.float32), primitive.positions)
    assert np.array_equal(mesh.faces, primitive.faces)
    assert np.allclose(mesh.vertex_normals, primitive.normals)
    assert np.allclose(mesh.face_normals, [0, 1, 0])


def test_trimesh_sees_one_geometry_a_primitive_with_its_material() -> None:
    parts = two_parts()
    seen = list(loaded(write_glb(parts, name="chair")).geometry.values())
    assert [len(mesh.faces) for mesh in seen] == [len(part.faces) for part in parts]
    assert [mesh.bounds[0][1] for mesh in seen] == [0.0, 1.0, 2.0]


def test_vertices_colours_and_coordinates_are_stored_as_they_are() -> None:
    primitive = grid(3)
    document, binary = parts_of(write_glb([primitive], name="grid"))
    attributes = document["meshes"][0]["primitives"][0]["attributes"]
    assert set(attributes) == {"POSITION", "NORMAL", "TEXCOORD_0", "COLOR_0"}
    expected = {"TEXCOORD_0": primitive.uv, "COLOR_0": primitive.colors, "POSITION": primitive.positions}
    for name, values in expected.items():
        assert values is not None
        accessor = document["accessors"][attributes[name]]
        view = document["bufferViews"][accessor["bufferView"]]
        stored = binary[view["byteOffset"] : view["byteOffset"] + view["byteLength"]]
        assert stored == values.tobytes()
        assert accessor["count"] == len(values)
    assert document["accessors"][attributes["COLOR_0"]]["normalized"] is True
    assert document["accessors"][attributes["POSITION"]]["min"] == [-0.5, 0, -0.5]
    assert document["accessors"][attributes["POSITION"]]["max"] == [0.5, 0, 0.5]


@pytest.mark.parametrize(("n", "component"), [(255, 5123), (256, 5125)])
def test_indices_take_two_bytes_where_they_fit(n: int, component: int) -> None:
    document, _ = parts_of(write_glb([grid(n, has_colors=False)], name="grid"))
    number = document["meshes"][0]["primitives"][0]["indices"]
    assert document["accessors"][number]["componentType"] == component


def test_equal_materials_are_stored_once() -> None:
    document, _ = parts_of(write_glb(two_parts(), name="chair"))
    assert [material["name"] for material in document["materials"]] == ["wood", "iron"]
    assert [part["material"] for part in document["meshes"][0]["primitives"]] == [0, 1, 0]
    assert document["materials"][1] == {
        "name": "iron",
        "pbrMetallicRoughness": {
            "baseColorFactor": [0.5, 0.5, 0.55, 1.0],
            "metallicFactor": 1.0,
            "roughnessFactor": 0.4,
        },
    }


def test_glass_is_blended_and_wood_is_not() -> None:
    document, _ = parts_of(write_glb([grid(material=GLASS), grid(material=WOOD)], name="window"))
    assert [material.get("alphaMode", "OPAQUE") for material in document["materials"]] == ["BLEND", "OPAQUE"]


def test_a_file_for_the_wire_embeds_nothing() -> None:
    document, _ = parts_of(write_glb(two_parts(), name="chair"))
    assert not {"images", "textures", "samplers", "extensionsUsed", "extensionsRequired"} & set(document)


def test_extras_lie_on_the_node() -> None:
    document, _ = parts_of(write_glb([grid()], name="grid", extras={"seed": 3, "nested": {"a": [1.5]}}))
    assert document["nodes"] == [{"name": "grid", "mesh": 0, "extras": {"seed": 3, "nested": {"a": [1.5]}}}]


def test_pictures_replace_what_stood_in_for_them() -> None:
    document, binary = parts_of(FILES["images"]())
    wood, iron = document["materials"]
    surface = wood["pbrMetallicRoughness"]
    assert surface["baseColorFactor"] == [1.0, 1.0, 1.0, 1.0]
    assert (surface["metallicFactor"], surface["roughnessFactor"]) == (1.0, 1.0)
    assert surface["metallicRoughnessTexture"] == wood["occlusionTexture"]
    assert "baseColorTexture" not in iron["pbrMetallicRoughness"]
    attributes = [part["attributes"] for part in document["meshes"][0]["primitives"]]
    assert ["COLOR_0" in names for names in attributes] == [False, True, False]
    assert Counter(image["mimeType"] for image in document["images"]) == {"image/jpeg": 1, "image/png": 2}
    view = document["bufferViews"][document["images"][surface["baseColorTexture"]["index"]]["bufferView"]]
    assert binary[view["byteOffset"] : view["byteOffset"] + view["byteLength"]] == IMAGES.base_color


def test_texture_coordinates_in_metres_become_tiles() -> None:
    document, binary = parts_of(write_glb([grid(2, material=WOOD)], name="grid", images={"wood": IMAGES}))
    number = document["meshes"][0]["primitives"][0]["attributes"]["TEXCOORD_0"]
    view = document["bufferViews"][document["accessors"][number]["bufferView"]]
    stored = np.frombuffer(binary, "<f4", count=8, offset=view["byteOffset"])
    assert stored.reshape(4, 2).max(axis=0).tolist() == [0.5, 0.5]


@pytest.mark.parametrize("name", FILES)
def test_the_same_primitives_give_the_same_file(name: str) -> None:
    assert FILES[name]() == FILES[name]()


def test_a_mesh_without_primitives_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one primitive"):
        write_glb([], name="nothing")


@pytest.mark.parametrize("value", [float("nan"), object(), b"bytes"])
def test_extras_that_are_no_json_are_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"JSON"):
        write_glb([grid()], name="grid", extras={"value": value})


@pytest.mark.parametrize(
    ("images", "primitive", "reason"),
    [
        (MaterialImages(base_color=b"GIF89a"), grid(), "PNG and JPEG"),
        (MaterialImages(base_color=b""), grid(), "PNG and JPEG"),
        (IMAGES, grid(has_uv=False), "no texture coordinates"),
        (MaterialImages(metres_per_tile=0.0), grid(), "must be positive"),
        (MaterialImages(metres_per_tile=float("nan")), grid(), "must be positive"),
    ],
)
def test_pictures_that_can_t_be_shown_are_refused(
    images: MaterialImages, primitive: Primitive, reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        write_glb([primitive], name="grid", images={"material": images})
