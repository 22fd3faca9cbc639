"""A request's style takes a network, a real model or rules; another server can replace what is built."""

import asyncio
from pathlib import Path

import pytest

from tests.generators.mesh import fake_hunyuan3d
from tests.generators.mesh.fake_hunyuan3d import hunyuan3d_server
from tests.generators.mesh.fake_model_server import Script, ball_glb, model_server
from tests.integration.serving import serving
from vrbridge.client import Client
from vrbridge.client.errors import RequestFailed
from vrbridge.client.events import Asset
from vrbridge.settings import Settings

pytestmark = pytest.mark.models


async def test_styles_choose_what_builds_and_say_so(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        async with Client.connect(server.url, texture_formats=["png"]) as client:
            offered = client.capabilities["mesh"]
            assert {"generated", "library", "procedural", "props-1"} <= set(offered["styles"])
            made = {
                style: await client.mesh("wooden chair", seed=5, style=style)
                for style in ("generated", "library", "procedural")
            }
            default = await client.mesh("wooden chair", seed=5)
            with pytest.raises(RequestFailed) as refused:
                await client.mesh("wooden chair", style="cubist")
            textured = await client.mesh("rusty iron barrel", seed=2, style="generated", texture_px=64)
    origins = {style: mesh.result["origin"] for style, mesh in made.items()}
    assert origins == {"generated": "generated", "library": "retrieved", "procedural": "procedural"}
    assert (
        "Creative" in made["library"].result["attribution"] or "CC" in made["library"].result["attribution"]
    )
    assert "attribution" not in made["generated"].result
    assert default.result["model"] == offered["model"]
    assert refused.value.code == "invalid_params"
    for mesh in made.values():
        assert len(mesh.lods) == 3
        assert mesh.lods[0].meta["faces"] <= 1500
    assert all(level.meta["watertight"] for level in made["generated"].lods)
    [(material, maps)] = textured.textures.items()
    assert material in textured.lods[0].meta["materials"]
    assert set(maps) == {"base_color", "normal", "orm"}


async def test_another_servers_model_comes_after_ours(tmp_path: Path) -> None:
    script = Script()
    with model_server(script) as url:
        environment = {"VRBRIDGE_MESH__BACKEND": "http", "VRBRIDGE_MESH__HTTP__URL": url}
        with serving(tmp_path, **environment) as server:
            async with Client.connect(server.url) as client:
                arrived: list[Asset] = []
                mesh = await client.mesh("red ball", seed=5, lods=1, on_asset=arrived.append)
    assert [asset.role for asset in arrived] == ["lod0", "collider"] * 2
    assert "replaces" not in arrived[0].meta
    assert arrived[2].meta["replaces"] == arrived[0].meta["model"]
    assert mesh.lods[0].digest == arrived[2].digest
    assert script.asked[0]["prompt"] == "red ball"


async def test_hunyuan3d_builds_after_ours_one_at_a_time(tmp_path: Path) -> None:
    script = fake_hunyuan3d.Script(body=ball_glb(3))
    cache = tmp_path / "cache"
    cache.mkdir()
    (cache / "models").symlink_to(Settings().cache_dir / "models")
    with hunyuan3d_server(script) as url:
        environment = {
            "VRBRIDGE_MESH__BACKEND": "hunyuan3d",
            "VRBRIDGE_MESH__HUNYUAN3D__URL": url,
            "VRBRIDGE_MESH__HUNYUAN3D__LICENSE": "theirs",
            "VRBRIDGE_WORKERS__COUNT": "2",
            "VRBRIDGE_LIMITS__MAX_BACKLOG_S": "600",
            "VRBRIDGE_MEMORY__CACHE": str(cache),
        }
        with serving(tmp_path, **environment) as server:
            async with Client.connect(server.url) as client, Client.connect(server.url) as other:
                assert client.capabilities["mesh"]["license"] == "theirs"
                arrived: list[Asset] = []
                mesh, _ = await asyncio.gather(
                    client.mesh("wooden chair", seed=5, lods=1, on_asset=arrived.append),
                    other.mesh("oak barrel", seed=6, lods=1),
                )
    assert [asset.role for asset in arrived] == ["lod0", "collider"] * 2
    assert "replaces" not in arrived[0].meta
    assert arrived[2].meta["replaces"] == arrived[0].meta["model"]
    assert arrived[2].meta["model"] == "hunyuan3d"
    assert arrived[2].meta["faces"] <= 1500
    assert mesh.lods[0].digest == arrived[2].digest
    assert [set(order) & {"image", "text", "prompt"} for order in script.asked] == [{"image"}] * 2
    assert 0.02 < (script.images[0][..., 3] == 255).mean() < 0.9
    assert script.most_building == 1
    assert len(list((cache / "locks").iterdir())) == 1
    assert "wooden chair" not in (tmp_path / "server.log").read_text()
