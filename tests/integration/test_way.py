"""The way from request to result, through a real server."""

import io
import json
import struct
import urllib.request

import numpy as np
import pytest
from PIL import Image

from tests.encoding.test_photo import packed
from tests.integration.scene import scene
from tests.integration.serving import Serving
from tests.jobs.test_material_work import stones

pytestmark = [pytest.mark.models, pytest.mark.xdist_group("server")]

ACTION = {
    "name": "give_item",
    "description": "Hand an item to the player",
    "parameters": {
        "type": "object",
        "properties": {"item": {"enum": ["sword", "horseshoe"]}},
        "required": ["item"],
        "additionalProperties": False,
    },
}


async def test_a_character_answers_word_by_word(server: Serving) -> None:
    async with scene(server.url) as raw:
        await raw.request(1, "dialogue", {"npc": "blacksmith", "text": "Hello, who are you?", "seed": 3})
        end = await raw.end(1)
        pieces = raw.of(1, "text")
        spoken = "".join(piece["text"] for piece in pieces)
        assert end["type"] == "done"
        assert end["result"]["text"] == spoken
        assert len(pieces) > 2
        offset = 0
        for piece in pieces:
            assert piece["offset"] == offset
            offset += len(piece["text"])
        assert end["result"]["finish"] in {"stop", "length"}
        assert 0 <= end["result"]["emotion"]["score"] <= 1
        assert next(m["type"] for m in raw.of(1)) == "accepted"
        assert end["timing"]["first_ms"] <= end["timing"]["total_ms"]


async def test_an_offered_action_comes_back_valid(server: Serving) -> None:
    async with scene(server.url) as raw:
        params = {"npc": "blacksmith", "text": "Please hand me that sword.", "actions": [ACTION], "seed": 3}
        await raw.request(1, "dialogue", params)
        assert (await raw.end(1))["type"] == "done"
        chosen = raw.of(1, "action")
        assert [action["name"] for action in chosen] == ["give_item"]
        assert chosen[0]["arguments"]["item"] in {"sword", "horseshoe"}


async def test_a_material_arrives_preview_first_and_whole(server: Serving) -> None:
    async with scene(server.url, receive={"texture_formats": ["bc1", "bc5"]}) as raw:
        await raw.request(1, "texture", {"prompt": "mossy stone wall", "seed": 4, "size_px": 256})
        end = await raw.end(1)
        assert end["type"] == "done"
        roles = [header["role"] for header in raw.of(1, "asset")]
        assert roles == ["preview", "base_color", "normal", "orm"]
        assert Image.open(io.BytesIO(raw.body("preview", 1))).size == (128, 128)
        for role, vk_format in (("base_color", 131), ("normal", 141), ("orm", 131)):
            body = raw.body(role, 1)
            assert body[:12] == b"\xabKTX 20\xbb\r\n\x1a\n"
            assert struct.unpack_from("<IIII", body, 12) == (vk_format, 1, 256, 256)
        assert end["result"]["origin"] == "procedural"
        assert end["result"]["seed"] == 4


@pytest.mark.parametrize(
    "prompt", ["🧱🌿", "qwrtzp xkcd", "dry wet burning frozen white black grass of steel", "стена из кирпича"]
)
async def test_strange_prompts_get_some_material_and_say_how_sure_it_is(server: Serving, prompt: str) -> None:
    async with scene(server.url, receive={"texture_formats": ["png"]}) as raw:
        await raw.request(1, "texture", {"prompt": prompt, "seed": 4, "size_px": 64})
        end = await raw.end(1)
        assert end["type"] == "done", end
        assert 0 <= end["result"]["confidence"] <= 1
        assert end["result"]["nearest"]
        pixels = np.asarray(Image.open(io.BytesIO(raw.body("base_color", 1))), np.float32)
        # Neighbours are more alike than strangers: no noise.
        assert np.abs(np.diff(pixels, axis=1)).mean() < 0.9 * np.abs(pixels - pixels[::-1, ::-1]).mean() + 2


async def test_a_photograph_comes_back_as_a_material(server: Serving) -> None:
    image = packed(Image.fromarray(stones(300, 400)), "JPEG").getvalue()
    async with scene(server.url, receive={"texture_formats": ["bc1", "bc5"]}) as raw:
        assert raw.welcome["capabilities"]["material"]["image_formats"] == ["jpeg", "png", "webp"]
        await raw.request(1, "material", {"image": image, "size_px": 128, "metres_per_tile": 1.5})
        end = await raw.end(1)
        assert end["type"] == "done", end
        headers = raw.of(1, "asset")
        assert [header["role"] for header in headers] == ["preview", "base_color", "normal", "orm"]
        assert {header["meta"]["metres_per_tile"] for header in headers} == {1.5}
        assert {header["meta"]["model"] for header in headers} == {
            raw.welcome["capabilities"]["material"]["model"]
        }
        assert end["result"]["was_seamless"] is False
        # The same picture is answered from the cache.
        await raw.request(2, "material", {"image": image, "size_px": 128, "metres_per_tile": 1.5})
        again = await raw.end(2)
        assert again["result"]["cached"] is True
        assert [h["digest"] for h in raw.of(2, "asset")] == [h["digest"] for h in headers]


async def test_the_same_seed_gives_the_same_bytes_in_another_session(server: Serving) -> None:
    digests = []
    for formats in (["etc2"], ["etc2"]):
        async with scene(server.url, receive={"texture_formats": formats}) as raw:
            await raw.request(9, "texture", {"prompt": "red clay roof tiles", "seed": 8, "size_px": 128})
            end = await raw.end(9)
            digests.append([header["digest"] for header in raw.of(9, "asset")])
    assert digests[0] == digests[1]
    assert end["result"]["cached"] is True


async def test_a_prop_arrives_coarsest_first_with_collider_and_textures(server: Serving) -> None:
    async with scene(server.url) as raw:
        await raw.request(1, "mesh", {"prompt": "wooden chair", "seed": 4, "texture_px": 64})
        end = await raw.end(1)
        assert end["type"] == "done"
        headers = raw.of(1, "asset")
        assert [header["role"] for header in headers[:4]] == ["lod2", "lod1", "lod0", "collider"]
        faces = [header["meta"]["faces"] for header in headers[:3]]
        assert faces == sorted(faces)
        assert faces[-1] <= 1500
        for header in headers[:4]:
            body = raw.body(header["role"], 1)
            magic, version, length = struct.unpack_from("<4sII", body)
            assert (magic, version, length) == (b"glTF", 2, len(body))
            (json_bytes,) = struct.unpack_from("<I", body, 12)
            assert "images" not in json.loads(body[20 : 20 + json_bytes])
        named = {header["meta"]["material"] for header in headers[4:]}
        assert named
        assert named <= set(headers[2]["meta"]["materials"])


async def test_meshes_come_as_arrays_to_engines_that_prefer_them(server: Serving) -> None:
    async with scene(server.url, receive={"mesh_formats": ["arrays", "glb"]}) as raw:
        await raw.request(1, "mesh", {"prompt": "barrel", "seed": 4, "lods": 1})
        assert (await raw.end(1))["type"] == "done"
        header = raw.of(1, "asset")[0]
        assert header["media_type"] == "application/vnd.vrbridge.arrays"


async def test_a_connection_cut_in_the_middle_of_a_material_loses_nothing(server: Serving) -> None:
    params = {"prompt": "grey granite", "seed": 11, "size_px": 512, "format": "rgba8"}
    async with scene(server.url) as raw:
        await raw.request(1, "texture", params)
        first = await raw.until(lambda m: m["type"] == "chunk" and m["offset"] > 0)
        await raw.cut()
        headers = {m["asset"]: m for m in raw.of(1, "asset")}
        assets = [
            {"asset": number, "offset": len(raw.bodies[number])}
            for number, header in headers.items()
            if len(raw.bodies[number]) < header["bytes"]
        ]
        resume = {
            "session": raw.welcome["session"],
            "secret": raw.welcome["secret"],
            "received": raw.received,
            "assets": assets,
        }
        assert first["asset"] in headers
        async with scene(server.url, greet=False) as again:
            again.received, again.bodies = raw.received, raw.bodies
            again.messages = [m for m in raw.messages if m["type"] == "asset"]
            await again.hello(resume=resume)
            assert again.welcome["resumed"] is True
            assert (await again.end(1))["type"] == "done"
            for role in ("preview", "base_color", "normal", "orm"):
                assert again.body(role, 1)


def test_the_metrics_say_what_each_worker_runs_on(server: Serving) -> None:
    with urllib.request.urlopen(server.http_url + "/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    for number in range(2):
        (told,) = [
            line for line in lines if line.startswith("vrbridge_worker_device{") and f'"{number}"' in line
        ]
        assert told.endswith(" 1.0")
        assert 'device="cpu"' in told or 'device="cuda:' in told


def test_the_pages_say_that_it_is_ready(server: Serving) -> None:
    for path in ("/healthz", "/readyz", "/metrics", "/"):
        with urllib.request.urlopen(server.http_url + path, timeout=10) as answer:
            assert answer.status == 200
            assert answer.read()
