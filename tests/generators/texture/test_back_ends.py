"""A back end is checked at the start, and opened in a worker."""

from contextlib import closing
from pathlib import Path
from typing import Any, cast

import pytest

from tests.generators.texture.fake_comfyui import comfyui
from tests.generators.texture.tiny_pipelines import save_unet_pipeline
from vrbridge.errors import SettingsError
from vrbridge.generator_settings import TextureSettings
from vrbridge.generators.texture.back_ends import chosen, opened
from vrbridge.generators.texture.pictures import Picture
from vrbridge.settings import load


def texture(**values: Any) -> TextureSettings:
    return load(environment={}, flags={"texture": values}).texture


def test_the_embedded_generator_needs_no_back_end() -> None:
    assert chosen(texture()) is None


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"backend": "diffusers"}, r"`texture\.diffusers\.model` is not set"),
        ({"backend": "comfyui", "comfyui": {"url": "127.0.0.1:8188"}}, "is no address such as"),
        ({"backend": "comfyui", "comfyui": {"url": "http://a:b/"}}, "is no address such as"),
        ({"backend": "comfyui", "comfyui": {"url": "http://me:pw@a/"}}, "must not hold a name or password"),
        ({"backend": "comfyui", "comfyui": {"workflow": "none.json"}}, r"none\.json can't be read"),
        ({"backend": "comfyui", "comfyui": {"api_key_env": "NO_KEY"}}, "names NO_KEY, which is not set"),
    ],
)
def test_what_is_set_wrong_is_said_at_the_start(values: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        chosen(texture(**values), {})


def test_what_decides_the_picture_is_in_the_fingerprint_and_nothing_else(tmp_path: Path) -> None:
    def fingerprint(**values: Any) -> str:
        found = chosen(texture(backend="comfyui", comfyui=values), {"KEY": "secret"})
        assert found is not None
        return found.fingerprint

    first = fingerprint()
    assert fingerprint(timeout_s=7, connect_timeout_s=1, api_key_env="KEY", license="CC0-1.0") == first
    changed: list[dict[str, Any]] = [
        {"steps": 5},
        {"url": "http://other"},
        {"checkpoint": "a"},
        {"prompt_suffix": ""},
    ]
    assert len({first, *(fingerprint(**values) for values in changed)}) == 5


def test_clients_are_told_the_name_and_the_licence() -> None:
    settings = {"checkpoint": "sub/moss.safetensors", "license": "CC-BY-4.0"}
    found = chosen(texture(backend="comfyui", comfyui=settings))
    assert found is not None
    assert (found.model, found.license) == ("moss", "CC-BY-4.0")
    hub = chosen(texture(backend="diffusers", diffusers={"model": "stabilityai/sd-turbo"}))
    assert hub is not None
    assert (hub.model, hub.license) == ("stabilityai/sd-turbo", "as the model's")


def test_both_kinds_paint(tmp_path: Path) -> None:
    folder = save_unet_pipeline(tmp_path / "tiny")
    with comfyui(key="k") as server:
        kinds: list[dict[str, Any]] = [
            {"backend": "diffusers", "diffusers": {"model": str(folder), "steps": 1, "device": "cpu"}},
            {"backend": "comfyui", "comfyui": {"url": server.url, "api_key_env": "KEY", "steps": 1}},
        ]
        for values in kinds:
            source = opened(texture(**values), {"KEY": "k"})
            with closing(cast("Any", source)):
                assert isinstance(list(source.generate("bricks", size_px=64, seed=1))[-1], Picture)
