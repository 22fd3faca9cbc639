"""The doctor says whether image generators of others can paint, and what to do if not."""

from pathlib import Path
from typing import Any

import pytest

from tests.generators.texture.fake_comfyui import comfyui
from tests.generators.texture.tiny_pipelines import save_unet_pipeline
from vrbridge.cli.back_end_check import check_back_end
from vrbridge.cli.finding import Finding
from vrbridge.settings import load


def found(backend: str, *, workers: int = 1, **section: Any) -> list[Finding]:
    texture: dict[str, Any] = {"backend": backend}
    if section:
        texture[backend] = section
    flags = {"texture": texture, "workers": {"count": workers}}
    return list(check_back_end(load(environment={}, flags=flags)))


def test_the_embedded_generator_is_fine() -> None:
    (finding,) = found("embedded")
    assert finding.is_good
    assert finding.detail.startswith("embedded, ")


@pytest.mark.parametrize("age", ["new", "old"])
def test_a_server_that_can_paint_is_good_and_its_model_named(age: str) -> None:
    with comfyui(age=age) as server:
        (finding,) = found("comfyui", url=server.url)
    assert finding.is_good
    assert "rock.safetensors" in finding.detail
    assert "version 0." in finding.detail


def test_a_server_that_can_not_paint_is_said_with_what_to_do(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    flow = tmp_path / "flow.json"
    flow.write_text('{"1": {"class_type": "FluxMagic", "inputs": {"a": "{{prompt}} {{seed}}"}}}')
    with comfyui() as server:
        (typo,) = found("comfyui", url=server.url, checkpoint="mos.safetensors")
        (nodes,) = found("comfyui", url=server.url, workflow=str(flow))
    with comfyui(checkpoints=()) as server:
        (empty,) = found("comfyui", url=server.url)
    with comfyui(key="k") as server:
        (locked,) = found("comfyui", url=server.url)
    (gone,) = found("comfyui", url=server.url)
    assert not any(finding.is_good for finding in (typo, nodes, empty, locked, gone))
    assert "there is `moss.safetensors`" in typo.fix
    assert "lacks nodes of the workflow: FluxMagic" in nodes.detail
    assert "models/checkpoints" in empty.fix
    assert "api_key_env" in locked.fix
    assert "Start it" in gone.fix
    assert capfd.readouterr().err == ""


def test_a_pipeline_is_looked_at_and_workers_that_would_each_load_it_are_hinted_at(tmp_path: Path) -> None:
    folder = save_unet_pipeline(tmp_path / "tiny")
    pipeline, workers = found("diffusers", model=str(folder), workers=2)
    assert pipeline.is_good
    assert "StableDiffusionPipeline in tiny" in pipeline.detail
    assert (workers.is_good, workers.is_optional) == (False, True)
    assert len(found("diffusers", model=str(folder))) == 1
    index = folder / "model_index.json"
    index.write_text(index.read_text().replace("StableDiffusionPipeline", "NewerPipeline"))
    (unknown,) = found("diffusers", model=str(folder))
    assert not unknown.is_good
    assert "knows no NewerPipeline" in unknown.detail


def test_a_model_that_has_to_be_downloaded_is_a_hint_with_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    (finding,) = found("diffusers", model="nobody/no-such-model")
    assert (finding.is_good, finding.is_optional) == (False, True)
    assert "hf download nobody/no-such-model" in finding.fix


def test_a_wrong_setting_is_said() -> None:
    (finding,) = found("diffusers")
    assert not finding.is_good
    assert "`texture.diffusers.model` is not set" in finding.detail
    assert "embedded" in finding.fix
