"""Settings come from defaults, a file, the environment and flags, in that order."""

from pathlib import Path

import pytest
from rich.pretty import pretty_repr

from vrbridge.errors import SettingsError
from vrbridge.settings import Settings, load


def write(folder: Path, text: str) -> Path:
    file = folder / "vrbridge.toml"
    file.write_text(text)
    return file


def test_the_password_of_a_database_is_never_shown() -> None:
    settings = load(environment={"VRBRIDGE_MEMORY__URL": "postgresql://ann:hunter2@db/vr"})
    assert settings.memory.url == "postgresql://ann:hunter2@db/vr"
    shown = (repr(settings), str(settings.memory), pretty_repr(settings))
    assert not any("hunter2" in text for text in shown)
    assert all("max_turns=200" in text for text in shown)
    assert "url=None" in repr(Settings().memory)


def test_defaults_need_nothing() -> None:
    assert load(environment={}) == Settings()


def test_flags_win_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    file = write(tmp_path, '[server]\nport = 1\nhost = "0.0.0.0"\n[limits]\ncontext_hz = 5.0\n')
    settings = load(
        file,
        environment={"VRBRIDGE_SERVER__PORT": "2", "VRBRIDGE_LIMITS__CONTEXT_HZ": "7"},
        flags={"server": {"port": 3, "host": None}},
    )
    assert (settings.server.port, settings.server.host, settings.limits.context_hz) == (3, "0.0.0.0", 7.0)


def test_lists_in_the_environment_are_written_with_commas() -> None:
    settings = load(environment={"VRBRIDGE_SERVER__ORIGINS": "https://a.example, https://b.example"})
    assert settings.server.origins == ("https://a.example", "https://b.example")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[server]\nprot = 1\n", "Did you mean `port`"),
        ('[server]\nname = "eu-1"\n', "letters and digits"),
        ('[server]\nname = "é"\n', "letters and digits"),
        ('[server]\nname = "abcdefghijklmnopq"\n', "up to 16"),
        ("[servre]\nport = 1\n", "Did you mean `server`"),
        ("port = 1\n", "belongs into a section"),
        ("[server]\nport = 'x'\n", r"\$\.server\.port"),
        ("[server\n", "not valid TOML"),
        ("[texture.comfyui]\nulr = 'x'\n", r"`texture\.comfyui\.ulr`.*Did you mean `url`"),
        ("[texture.difusers]\nmodel = 'x'\n", "Did you mean `diffusers`"),
        ("[texture]\ncomfyui = 'x'\n", r"\$\.texture\.comfyui"),
        ("[texture]\nbackend = 'comfy'\n", "one of embedded, diffusers, comfyui, not 'comfy'"),
        ("[texture.comfyui]\ntimeout_s = 0\n", r"\$\.texture\.comfyui\.timeout_s"),
    ],
)
def test_a_mistake_is_named_with_what_to_do(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        load(write(tmp_path, text), environment={})


def test_a_missing_file_is_an_error_only_if_it_was_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="Can't read"):
        load(tmp_path / "none.toml", environment={})


def test_a_server_may_be_told_from_others_by_its_name() -> None:
    assert load(environment={"VRBRIDGE_SERVER__NAME": "7"}).server.name == "7"
    assert load(environment={"VRBRIDGE_SERVER__NAME": "abcdefghijklmnop"}).server.name == "abcdefghijklmnop"


def test_other_variables_are_left_alone() -> None:
    assert load(environment={"VRBRIDGE_URL": "ws://x", "HOME": "/"}) == Settings()


def test_sections_in_sections_are_laid_over_each_other_value_by_value(tmp_path: Path) -> None:
    file = write(tmp_path, '[texture]\nbackend = "comfyui"\n[texture.comfyui]\nurl = "http://a"\nsteps = 4\n')
    environment = {"VRBRIDGE_TEXTURE__COMFYUI__STEPS": "8"}
    texture = load(file, environment=environment, flags={"texture": {"max_size_px": 512}}).texture
    assert (texture.backend, texture.max_size_px) == ("comfyui", 512)
    assert (texture.comfyui.url, texture.comfyui.steps) == ("http://a", 8)
    assert texture.diffusers == Settings().texture.diffusers
