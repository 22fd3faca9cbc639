"""The doctor says whether another server can build, and what to do if not."""

from typing import Any

import pytest

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
