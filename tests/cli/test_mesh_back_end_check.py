"""The doctor says whether another server can build, and what to do if not."""

from typing import Any

import pytest

from tests.generators.mesh import fake_hunyuan3d
from tests.generators.mesh.fake_hunyuan3d import hunyuan3d_server
from tests.generators.mesh.fake_model_server import Script, model_server
from vrbridge.cli.finding import Finding
from vrbridge.cli.mesh_back_end_check import check_mesh_back_end
from vrbridge.settings import load


def found(**section: Any) -> Finding:
    (finding,) = check_mesh_back_end(load(environment={}, flags={"mesh": section}))
    return finding


def test_the_embedded_generator_is_fine() -> None:
    assert found().is_good


def test_a_server_that_listens_is_good() -> None:
    with model_server(Script()) as url:
        assert found(backend="http", http={"url": url}).is_good


def test_a_server_that_is_not_there_is_said() -> None:
    with model_server(Script()) as url:
        gone = url
    finding = found(backend="http", http={"url": gone})
    assert not finding.is_good
    assert "nobody listens" in finding.detail


@pytest.mark.parametrize("section", [{"url": "nonsense"}, {"api_key_env": "VRBRIDGE_NO_SUCH_KEY"}])
def test_settings_that_can_not_work_are_said(section: dict[str, str]) -> None:
    finding = found(backend="http", http=section)
    assert not finding.is_good
    assert "mesh.http" in finding.detail


@pytest.mark.parametrize("version", ["2", "2.1"])
def test_a_hunyuan3d_server_that_answers_is_good_and_builds_nothing(version: Any) -> None:
    script = fake_hunyuan3d.Script(version=version)
    with hunyuan3d_server(script) as url:
        finding = found(backend="hunyuan3d", hunyuan3d={"url": url})
    assert finding.is_good
    assert "a rendering of meshes-1" in finding.detail
    assert script.asked == []


def test_a_server_that_is_no_hunyuan3d_is_said() -> None:
    with hunyuan3d_server(fake_hunyuan3d.Script(statuses={"status": 404})) as url:
        other = found(backend="hunyuan3d", hunyuan3d={"url": url})
    gone = found(backend="hunyuan3d", hunyuan3d={"url": url})
    for finding in (other, gone):
        assert not finding.is_good
        assert "does not answer as it should" in finding.detail
        assert finding.fix is not None
        assert "mesh.hunyuan3d.url" in finding.fix


@pytest.mark.parametrize(
    "section",
    [{"url": "nonsense"}, {"api_key_env": "VRBRIDGE_NO_SUCH_KEY"}, {"picture": {"model": "./none"}}],
)
def test_settings_of_hunyuan3d_that_can_not_work_are_said(section: dict[str, Any]) -> None:
    finding = found(backend="hunyuan3d", hunyuan3d=section)
    assert not finding.is_good
    assert "mesh.hunyuan3d" in finding.detail
