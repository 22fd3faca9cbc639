"""What is built first is replaced by the model of another server, finished within the same budgets."""

import io
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
import trimesh

from tests.fakes import FakeTextEncoder
from tests.generators.mesh.drafts import draft_of
from tests.generators.mesh.fake_model_server import Script, ball_glb, model_server
from vrbridge.generator_settings import HttpMeshSettings
from vrbridge.generators.mesh.draft import Draft
from vrbridge.generators.mesh.http_models import HttpModels
from vrbridge.generators.mesh.model_file import read_glb
from vrbridge.generators.mesh.model_source import ModelRequest
from vrbridge.generators.mesh.procedural import ProceduralMeshes
from vrbridge.generators.mesh.voxels import Model
from vrbridge.generators.texture.parametric import ParametricTextures
from vrbridge.jobs.mesh_work import MeshWork
from vrbridge.jobs.outputs import ASSET, PROGRESS, RESULT, WorkOutput

ORDER: dict[str, Any] = {
    "generator": "parametric",
    "prompt": "wooden crate",
    "seed": 4,
    "max_faces": 1500,
    "lods": 2,
    "size_m": 0.5,
    "collider": True,
    "format": "glb",
    "texture_px": 0,
    "texture_formats": [],
    "is_refined": True,
}


@contextmanager
def refined(script: Script, **changed: Any) -> Iterator[list[WorkOutput]]:
    encoder = FakeTextEncoder()
    with model_server(script) as url:
        models = HttpModels(HttpMeshSettings(url=url, timeout_s=20))
        work = MeshWork(lambda _: ProceduralMeshes(encoder), ParametricTextures(encoder), models)
        yield list(work(ORDER | changed))


def assets(outputs: list[WorkOutput]) -> list[tuple[str, dict[str, Any], bytes]]:
    return [(header["role"], header["meta"], bytes(data)) for name, header, data in outputs if name == ASSET]


def test_ours_comes_at_once_and_theirs_replaces_it() -> None:
    with refined(Script()) as outputs:
        roles = [role for role, _, _ in assets(outputs)]
        assert roles == ["lod1", "lod0", "collider"] * 2
        first, second = assets(outputs)[:3], assets(outputs)[3:]
        assert all("replaces" not in meta and meta["origin"] == "procedural" for _, meta, _ in first)
        for _, meta, data in second:
            assert meta["replaces"] == first[0][1]["model"]
            assert meta["origin"] == "generated"
            assert meta["model"].startswith("127.0.0.1:")
            mesh = trimesh.load_mesh(io.BytesIO(data), file_type="glb")
            assert max(mesh.extents) == pytest.approx(0.5, rel=0.05)
            assert mesh.bounds[0][1] == pytest.approx(0, abs=0.01)
        assert second[1][1]["faces"] <= 1500
        assert second[1][1]["watertight"]
        assert outputs[-1][1]["result"]["model"].startswith("127.0.0.1:")


def test_progress_never_falls() -> None:
    with refined(Script(delay_s=0.8)) as outputs:
        fractions = [header["fraction"] for name, header, _ in outputs if name == PROGRESS]
        assert fractions == sorted(fractions)
        assert {header["stage"] for name, header, _ in outputs if name == PROGRESS} == {"shape", "refine"}


@pytest.mark.parametrize(
    "script", [Script(status=500), Script(body=b"no model"), Script(body=b"glTF" + b"\0" * 100)]
)
def test_without_theirs_ours_stays_and_the_result_says_why(script: Script) -> None:
    with refined(script) as outputs:
        assert [role for role, _, _ in assets(outputs)] == ["lod1", "lod0", "collider"]
        name, header, _ = outputs[-1]
        assert name == RESULT
        assert header["result"]["origin"] == "procedural"
        assert header["result"]["refine_error"]


def test_who_asks_for_a_manner_gets_that_alone() -> None:
    script = Script()
    with refined(script, is_refined=False) as outputs:
        assert len(assets(outputs)) == 3
    assert script.asked == []


class Somebodys:
    """Things that have an author."""

    model = "somebody's"

    def draft(self, prompt: str, *, seed: int, size_m: float | None = None) -> Draft:
        return replace(draft_of(prompt, seed=seed), attribution="A chair by Ann, CC-BY-4.0")


@dataclass
class Balls:
    """Builds the same for everybody."""

    follows_draft: bool
    model: str = "balls"
    asked: ModelRequest | None = None

    def generate(self, request: ModelRequest) -> Generator[float, None, Model]:
        self.asked = request
        yield 0.5
        return read_glb(ball_glb(), "ball")


@pytest.mark.parametrize("follows_draft", [False, True])
def test_the_author_of_ours_is_named_with_theirs_if_theirs_is_made_after_it(follows_draft: bool) -> None:
    balls = Balls(follows_draft)
    work = MeshWork(lambda _: Somebodys(), ParametricTextures(FakeTextEncoder()), balls)
    outputs = list(work(dict(ORDER)))
    for role, meta, _ in assets(outputs):
        is_ours = meta["model"] != "balls"
        assert ("attribution" in meta) == (is_ours or follows_draft), role
    assert ("attribution" in outputs[-1][1]["result"]) == follows_draft
    assert balls.asked is not None
    assert (balls.asked.prompt, balls.asked.seed, balls.asked.max_faces) == ("wooden crate", 4, 1500)
    assert balls.asked.draft.attribution == "A chair by Ann, CC-BY-4.0"
