"""A texture network of one's own is added by name, and a request's style takes it."""

from pathlib import Path

import pytest

from tests.integration.model_cache import cache_with_network
from tests.integration.serving import serving
from vrbridge.client import Client
from vrbridge.client.errors import RequestFailed

pytestmark = pytest.mark.models


@pytest.fixture
def cache(tmp_path: Path, gguf_path: Path, minilm_dir: Path) -> Path:
    """A folder of models that has the usual ones, and a network called my-town."""
    return cache_with_network(tmp_path, "my-town")


async def test_a_style_takes_the_network_of_that_name(tmp_path: Path, cache: Path) -> None:
    (tmp_path / "data").mkdir()
    with serving(tmp_path / "data", VRBRIDGE_MEMORY__CACHE=str(cache)) as server:
        async with Client.connect(server.url, texture_formats=["png"]) as client:
            offered = client.capabilities["texture"]
            assert "my-town" in offered["styles"]
            plain = await client.texture("red brick wall", size_px=64, seed=5)
            styled = await client.texture("red brick wall", size_px=64, seed=5, style="my-town")
            worded = await client.texture("red brick wall", size_px=64, seed=5, style="mossy")
    assert plain.result["origin"] == worded.result["origin"] == "procedural"
    assert (styled.result["origin"], styled.result["model"]) == ("generated", "random-1")
    digests = {material.maps["base_color"].digest for material in (plain, styled, worded)}
    assert len(digests) == 3


async def test_a_network_can_be_the_default(tmp_path: Path, cache: Path) -> None:
    (tmp_path / "data").mkdir()
    environment = {"VRBRIDGE_MEMORY__CACHE": str(cache), "VRBRIDGE_TEXTURE__GENERATOR": "my-town"}
    with serving(tmp_path / "data", **environment) as server:
        async with Client.connect(server.url, texture_formats=["png"]) as client:
            assert client.capabilities["texture"]["model"] == "my-town"
            material = await client.texture("green grass", size_px=128, seed=1)
            assert material.result["origin"] == "generated"
            with pytest.raises(RequestFailed):
                await client.texture("", size_px=128)
