"""Image generators of others paint for a real server, chosen by settings alone."""

import asyncio
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.generators.texture.fake_comfyui import comfyui
from tests.generators.texture.tiny_pipelines import save_unet_pipeline
from tests.integration.model_cache import cache_with_network
from tests.integration.serving import serving
from vrbridge.client import Client

# Starts a server with all its models, which takes long beside other work.
pytestmark = [pytest.mark.models, pytest.mark.timeout(300)]


@pytest.fixture
def cache(tmp_path: Path, gguf_path: Path, minilm_dir: Path) -> Path:
    """A folder of models that has the usual ones, and a network that estimates maps."""
    (tmp_path / "data").mkdir()
    return cache_with_network(tmp_path, "my-maps")


async def test_a_pipeline_of_diffusers_paints(tmp_path: Path, cache: Path) -> None:
    environment = {
        "VRBRIDGE_MEMORY__CACHE": str(cache),
        "VRBRIDGE_WORKERS__COUNT": "1",
        "VRBRIDGE_TEXTURE__BACKEND": "diffusers",
        "VRBRIDGE_TEXTURE__DIFFUSERS__MODEL": str(save_unet_pipeline(tmp_path / "my-painter")),
        "VRBRIDGE_TEXTURE__DIFFUSERS__STEPS": "2",
    }
    with serving(tmp_path / "data", **environment) as server:
        async with Client.connect(server.url, texture_formats=["png"]) as client:
            offered = client.capabilities["texture"]
            assert (offered["model"], offered["origin"]) == ("my-painter", "generated")
            material = await client.texture("red brick wall", size_px=64, seed=5)
            again = await client.texture("red brick wall", size_px=64, seed=5)
            assert (material.result["origin"], material.result["model"]) == ("generated", "my-painter")
            assert again.maps["base_color"].digest == material.maps["base_color"].digest
            assert again.result["cached"]
            assert (await client.mesh("wooden crate")).result


async def test_a_comfyui_server_paints_and_hears_of_a_cancel(tmp_path: Path, cache: Path) -> None:
    with comfyui(is_gated=True) as painter:
        assert painter.permits is not None
        environment = {
            "VRBRIDGE_MEMORY__CACHE": str(cache),
            "VRBRIDGE_WORKERS__COUNT": "1",
            "VRBRIDGE_TEXTURE__BACKEND": "comfyui",
            "VRBRIDGE_TEXTURE__COMFYUI__URL": painter.url,
            "VRBRIDGE_TEXTURE__COMFYUI__SIZE_PX": "64",
            # Noise that is sent as it is can be told from other noise.
            "VRBRIDGE_TEXTURE__COMFYUI__IS_SEAMLESS": "true",
        }
        with serving(tmp_path / "data", **environment) as server:
            async with Client.connect(server.url, texture_formats=["png"]) as client:
                painter.permits.release(20)
                material = await client.texture("red brick wall", size_px=64, seed=5)
                expected = np.random.default_rng(5).integers(0, 255, (64, 64, 3), np.uint8)
                shown = np.asarray(Image.open(_file(tmp_path, material.maps["base_color"].data)))
                assert np.corrcoef(shown.ravel(), expected.ravel())[0, 1] > 0.9
                request = asyncio.create_task(client.texture("old planks", size_px=64, seed=6))
                await asyncio.to_thread(painter.wait_until, lambda: painter.running is not None)
                running = painter.running
                assert running is not None
                request.cancel()
                await asyncio.gather(request, return_exceptions=True)
                await asyncio.to_thread(
                    painter.wait_until,
                    lambda: any(path.endswith("/cancel") for _, path, _ in painter.requests),
                )
                painter.permits.release(20)
                await asyncio.to_thread(painter.wait_until, lambda: running in painter.ended)
    assert painter.ended[running] == "interrupted"
    assert "HTTP Request" not in (tmp_path / "data" / "server.log").read_text()


def test_what_is_set_wrong_ends_the_start_with_what_to_do(tmp_path: Path, cache: Path) -> None:
    settings = tmp_path / "vrbridge.toml"
    settings.write_text(f'[texture]\nbackend = "diffusers"\n[texture.diffusers]\nmodel = "{tmp_path}"\n')
    command = [sys.executable, "-m", "vrbridge", "serve", "--port", "0", "--data", str(tmp_path / "data")]
    ran = subprocess.run(
        [*command, "--config", str(settings)], capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.returncode != 0
    assert "holds no model_index.json" in " ".join(ran.stderr.split())
    assert "Traceback" not in ran.stderr


def _file(folder: Path, data: bytes) -> Path:
    file = folder / "base_color.png"
    file.write_bytes(data)
    return file
