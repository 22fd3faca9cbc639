"""Which models a configuration needs, and getting them."""

from pathlib import Path

import pytest

from tests.cli.command import Command
from tests.memory.test_catalogue import make
from vrbridge.cli.model_setup import catalogue_of, needed_models, pull_model
from vrbridge.errors import ModelError
from vrbridge.settings import DialogueSettings, MemorySettings, Settings


def settings(folder: Path, dialogue: DialogueSettings = DialogueSettings()) -> Settings:  # noqa: B008  # frozen
    return Settings(memory=MemorySettings(cache=str(folder)), dialogue=dialogue)


def test_the_defaults_need_the_encoder_and_the_embedded_voice(tmp_path: Path) -> None:
    defaults = settings(tmp_path)
    assert needed_models(defaults, catalogue_of(defaults)) == [
        "meshes-1",
        "minilm-l6-v2",
        "props-1",
        "textures-1",
        "smollm2-135m-instruct",
    ]


def test_an_endpoint_of_ones_own_replaces_the_embedded_voice(tmp_path: Path) -> None:
    elsewhere = settings(tmp_path, DialogueSettings(url="http://127.0.0.1:11434/v1", model="llama3"))
    assert needed_models(elsewhere, catalogue_of(elsewhere)) == [
        "meshes-1",
        "minilm-l6-v2",
        "props-1",
        "textures-1",
    ]


def test_a_voice_that_there_is_not_is_an_error(tmp_path: Path) -> None:
    unknown = settings(tmp_path, DialogueSettings(model="nobody"))
    with pytest.raises(ModelError, match="nobody"):
        needed_models(unknown, catalogue_of(unknown))


def test_a_model_is_pulled_once_and_said_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    catalogue = make(tmp_path)
    pull_model(catalogue, "tiny")
    assert catalogue.verify("tiny")
    assert "Pulled tiny" in capsys.readouterr().err
    pull_model(catalogue, "tiny")
    assert capsys.readouterr().err == ""


def test_a_model_of_ones_own_is_added_listed_checked_and_removed(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "mine.gguf"
    file.write_bytes(b"weights")
    cache = {"VRBRIDGE_MEMORY__CACHE": str(tmp_path / "cache")}
    assert "Added mine" in command("models", "add", "mine", str(file), "--license", "MIT", **cache).err
    listed = command("models", "list", **cache).out
    row = next(line for line in listed.splitlines() if "mine" in line)
    assert ("MIT" in row, "here" in row) == (True, True)
    assert command("models", "verify", "mine", **cache).out == "mine: right\n"
    (copy,) = (path for path in (tmp_path / "cache").rglob("mine.gguf"))
    copy.write_bytes(b"wEights")
    damaged = command("models", "verify", "mine", **cache)
    assert damaged.code == 2
    assert "vrbridge models remove mine" in damaged.err
    assert "Removed mine" in command("models", "remove", "mine", **cache).err
    assert "mine" not in command("models", "list", **cache).out
    assert file.read_bytes() == b"weights"


def test_a_missing_default_is_listed_as_needed(command: Command, tmp_path: Path) -> None:
    listed = command("models", "list", VRBRIDGE_MEMORY__CACHE=str(tmp_path)).out
    row = next(line for line in listed.splitlines() if "smollm2-135m-instruct" in line)
    assert "needed" in row


def test_a_kind_that_there_is_not_is_refused(command: Command, tmp_path: Path) -> None:
    ran = command(
        "models", "add", "x", str(tmp_path), "--kind", "smell", VRBRIDGE_MEMORY__CACHE=str(tmp_path)
    )
    assert ran.code == 2
    assert "language, text-encoder, texture, mesh" in ran.err
