import hashlib
import io
import subprocess
import sys
from typing import Any

import msgspec
import numpy as np
import pytest
import trimesh
from PIL import Image

from tests.fakes import FakeTextEncoder
from vrbridge.generators.mesh import MODEL
from vrbridge.generators.mesh.procedural import ProceduralMeshes
from vrbridge.generators.texture.parametric import ParametricTextures
from vrbridge.jobs.mesh_work import MeshWork
from vrbridge.jobs.outputs import ASSET, PROGRESS, RESULT, WorkOutput

ORDER: dict[str, Any] = {
    "generator": "parametric",
    "prompt": "wooden chair",
    "seed": 4,
    "max_faces": 1500,
    "lods": 3,
    "size_m": None,
    "collider": True,
    "format": "glb",
    "texture_px": 0,
    "texture_formats": [],
}

_DIGEST = """
import hashlib, json, sys
from tests.fakes import FakeTextEncoder
from vrbridge.generators.mesh import MODEL
from vrbridge.generators.mesh.procedural import ProceduralMeshes
from vrbridge.generators.texture.parametric import ParametricTextures
from vrbridge.jobs.mesh_work import MeshWork
encoder = FakeTextEncoder()
outputs = MeshWork(lambda _: ProceduralMeshes(encoder), ParametricTextures(encoder))(json.loads(sys.argv[1]))
print(hashlib.sha256(b"".join(bytes(data) for _, _, data in outputs)).hexdigest())
"""


@pytest.fixture(scope="module")
def work() -> MeshWork:
    encoder = FakeTextEncoder()
    return MeshWork(lambda _: ProceduralMeshes(encoder), ParametricTextures(encoder))


def run(work: MeshWork, **changed: Any) -> list[WorkOutput]:
    return list(work(ORDER | changed))


def assets(outputs: list[WorkOutput]) -> list[tuple[str, dict[str, Any], bytes]]:
    return [(header["role"], header, bytes(data)) for name, header, data in outputs if name == ASSET]


def loaded(data: bytes) -> trimesh.Trimesh:
    """The file as an independent reader sees it, all primitives in one."""
    mesh = trimesh.load_mesh(io.BytesIO(data), file_type="glb")
    assert isinstance(mesh, trimesh.Trimesh)
    return mesh


@pytest.mark.parametrize("lods", [1, 2, 3, 4])
def test_levels_come_coarsest_first_then_the_collider(work: MeshWork, lods: int) -> None:
    outputs = run(work, lods=lods)
    roles = [role for role, _, _ in assets(outputs)]
    assert roles == [*(f"lod{i}" for i in reversed(range(lods))), "collider"]
    assert outputs[0][0] == ASSET
    assert outputs[-1][0] == RESULT
    faces = [header["meta"]["faces"] for role, header, _ in assets(outputs) if role != "collider"]
    assert faces == sorted(faces)


@pytest.mark.parametrize("max_faces", [50, 51, 300, 1500, 20000])
@pytest.mark.parametrize(
    "prompt", ["wooden chair", "bookshelf full of books", "village house", "dead bare tree"]
)
def test_no_level_has_more_faces_than_asked_for(work: MeshWork, prompt: str, max_faces: int) -> None:
    for role, header, data in assets(run(work, prompt=prompt, max_faces=max_faces, lods=4)):
        mesh = loaded(data)
        assert len(mesh.faces) == header["meta"]["faces"] <= max_faces, role


def test_files_are_in_metres_with_the_pivot_on_the_floor(work: MeshWork) -> None:
    for role, header, data in assets(run(work)):
        low, high = loaded(data).bounds
        assert header["meta"]["bounds"] == {
            "min": pytest.approx(low.tolist(), abs=1e-5),
            "max": pytest.approx(high.tolist(), abs=1e-5),
        }
        assert low[1] == pytest.approx(0, abs=1e-4), role
        assert (low + high)[[0, 2]] == pytest.approx([0, 0], abs=0.08), role
    assert 0.8 < high[1] < 1.1


def test_the_longest_side_is_the_size_asked_for(work: MeshWork) -> None:
    for role, _, data in assets(run(work, size_m=3.0)):
        edges = np.ptp(loaded(data).bounds, axis=0)
        assert edges.max() == pytest.approx(3.0, rel=1e-4 if role in ("lod0", "collider") else 0.2)


def test_the_front_looks_along_plus_z(work: MeshWork) -> None:
    chair = loaded(assets(run(work, lods=1))[0][2])
    top = chair.vertices[chair.vertices[:, 1] > 0.8 * chair.bounds[1][1]]
    assert top[:, 2].max() < 0  # the backrest is behind


def test_the_collider_is_closed_convex_and_around_everything(work: MeshWork) -> None:
    found = {role: data for role, _, data in assets(run(work))}
    hull = loaded(found["collider"])
    hull.merge_vertices(merge_norm=True, merge_tex=True)
    assert hull.is_watertight
    assert hull.is_winding_consistent
    assert hull.volume > 0
    outside = np.einsum(
        "vfk,fk->vf", loaded(found["lod0"]).vertices[:, None] - hull.triangles_center, hull.face_normals
    )
    assert outside.max() < 2e-4 * hull.extents.max()


def test_a_collider_comes_only_when_asked_for(work: MeshWork) -> None:
    assert "collider" not in {role for role, _, _ in assets(run(work, collider=False))}


def test_textures_follow_the_geometry_and_name_their_material(work: MeshWork) -> None:
    outputs = run(work, prompt="wooden barrel", texture_px=64, texture_formats=["png"])
    found = assets(outputs)
    roles = [role for role, _, _ in found]
    assert roles[:4] == ["lod2", "lod1", "lod0", "collider"]
    assert roles[4:] == ["base_color", "normal", "orm"] * 2
    names = [header["meta"]["material"] for _, header, _ in found[4:]]
    assert set(names) <= set(found[2][1]["meta"]["materials"])
    assert len(set(names)) == 2
    assert all(header["meta"]["metres_per_tile"] > 0 for _, header, _ in found[4:])


def test_a_texture_has_the_colour_of_the_part_that_it_covers(work: MeshWork) -> None:
    found = assets(run(work, prompt="blue wooden barrel", texture_px=64, texture_formats=["png"]))
    _, _, data = next(asset for asset in found if asset[0] == "base_color")
    red, _, blue = np.asarray(Image.open(io.BytesIO(data)), float).mean((0, 1))
    assert blue > 1.5 * red


def test_no_texture_is_made_when_none_is_asked_for(work: MeshWork) -> None:
    assert {role for role, _, _ in assets(run(work))} == {"lod0", "lod1", "lod2", "collider"}


def test_arrays_say_the_same_as_the_file(work: MeshWork) -> None:
    as_file, as_arrays = (assets(run(work, format=name))[2] for name in ("glb", "arrays"))
    assert as_arrays[1]["media_type"] == "application/vnd.vrbridge.arrays"
    fields = msgspec.msgpack.decode(as_arrays[2])
    positions = np.frombuffer(fields["positions"], "<f4").reshape(-1, 3)
    assert positions.min(0) == pytest.approx(loaded(as_file[2]).bounds[0], abs=1e-5)
    assert len(fields["indices"]) == 3 * as_arrays[1]["meta"]["faces"] * fields["index_bytes"]


def test_progress_only_grows_and_the_result_repeats_the_facts(work: MeshWork) -> None:
    outputs = run(work)
    fractions = [header["fraction"] for name, header, _ in outputs if name == PROGRESS]
    assert fractions == sorted(fractions)
    result, timing = outputs[-1][1]["result"], outputs[-1][1]["timing_ms"]
    assert (result["family"], result["origin"], result["lods"], result["seed"]) == (
        "chair",
        "procedural",
        3,
        4,
    )
    assert result["model"] == MODEL
    assert len(result["size_m"]) == 3
    assert min(timing["generate_ms"], timing["encode_ms"]) > 0


def test_the_same_order_gives_the_same_bytes_in_another_process(work: MeshWork) -> None:
    order = {"prompt": "stone well", "texture_px": 64, "texture_formats": ["bc1"]}
    here = run(work, **order)
    command = [sys.executable, "-c", _DIGEST, msgspec.json.encode(ORDER | order).decode()]
    digest = hashlib.sha256(b"".join(bytes(data) for _, _, data in here)).hexdigest()
    assert subprocess.check_output(command, text=True).strip() == digest


@pytest.mark.parametrize("prompt", ["", "🪑", "asdf qwer", "x" * 500, "\x00"])
def test_any_prompt_gets_a_thing(work: MeshWork, prompt: str) -> None:
    outputs = run(work, prompt=prompt)
    assert len(assets(outputs)) == 4
    assert 0 <= outputs[-1][1]["result"]["confidence"] <= 1
