"""A pipeline is looked at before it is loaded."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from tests.generators.texture.tiny_pipelines import save_unet_pipeline
from vrbridge.errors import SettingsError
from vrbridge.generator_settings import DiffusersSettings
from vrbridge.generators.texture.diffusers_model import check_model, fingerprint, model_name


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_unet_pipeline(tmp_path_factory.mktemp("unet"))


def test_a_saved_pipeline_and_a_hub_id_are_let_through(folder: Path) -> None:
    check_model(DiffusersSettings(model=str(folder)))
    check_model(DiffusersSettings(model="stabilityai/sd-turbo"))
    assert model_name(DiffusersSettings(model=str(folder) + "/")) == folder.name
    assert model_name(DiffusersSettings(model="stabilityai/sd-turbo")) == "stabilityai/sd-turbo"


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (None, "is not set: name a folder"),
        ("./nothing/here", "no folder './nothing/here'"),
        ("sd-turbo", "it is no hub id"),
    ],
)
def test_a_model_that_there_can_not_be_is_said(model: str | None, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        check_model(DiffusersSettings(model=model))


def test_a_folder_without_a_pipeline_or_with_unsafe_weights_is_said(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"holds no model_index\.json"):
        check_model(DiffusersSettings(model=str(tmp_path)))
    for damaged in ("{", "[]", ""):
        (tmp_path / "model_index.json").write_text(damaged)
        with pytest.raises(SettingsError, match="is damaged"):
            check_model(DiffusersSettings(model=str(tmp_path)))
    (tmp_path / "model_index.json").write_text("{}")
    with pytest.raises(SettingsError, match="no weights in safetensors"):
        check_model(DiffusersSettings(model=str(tmp_path)))


def test_missing_packages_are_named_with_the_command_that_brings_them(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "diffusers" else name)
    with pytest.raises(SettingsError, match=r"needs diffusers: run `pip install 'vrbridge\[diffusers\]'`"):
        check_model(DiffusersSettings(model=str(folder)))


def test_other_weights_or_settings_have_another_fingerprint(folder: Path) -> None:
    settings = DiffusersSettings(model=str(folder))
    first = fingerprint(settings)
    assert fingerprint(settings) == first
    assert fingerprint(DiffusersSettings(model=str(folder), steps=2)) != first
    weights = folder / "unet" / "diffusion_pytorch_model.safetensors"
    weights.write_bytes(weights.read_bytes() + b"x")
    assert fingerprint(settings) != first
    assert fingerprint(DiffusersSettings(model="a/b")) != fingerprint(DiffusersSettings(model="a/c"))


def test_the_server_looks_without_loading_torch() -> None:
    code = "import sys, vrbridge.generators.texture.back_ends; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
