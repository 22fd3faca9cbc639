"""Every error code, from outside; the connection goes on afterwards.

`generator_failed` and `unavailable` are in test_breakage; `internal` needs a kind with a fault, and is
shown over a socket in tests/server.
"""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.encoding.test_photo import packed
from tests.integration.scene import RawScene, scene
from tests.integration.serving import Serving, serving
from tests.jobs.test_material_work import stones

pytestmark = [pytest.mark.models, pytest.mark.xdist_group("server")]

PICTURE = packed(Image.fromarray(stones(96, 96)), "JPEG").getvalue()
# 81 million pixels in ten thousand bytes.
BOMB = packed(Image.new("1", (9000, 9000)), "PNG").getvalue()
SLOW = {"prompt": "brick wall", "size_px": 2048, "format": "astc4x4"}


async def _still_works(raw: RawScene) -> None:
    await raw.request(999, "texture", {"prompt": "sand", "size_px": 64, "seed": 1})
    assert (await raw.end(999))["type"] == "done"


@pytest.mark.parametrize(
    ("message", "code", "field"),
    [
        ({"type": "ack", "received": "all"}, "bad_message", "received"),
        ({"type": "credit"}, "bad_message", "limit"),
        ({"type": "teleport"}, "unknown_type", "type"),
    ],
)
async def test_a_broken_message_is_answered(
    server: Serving, message: dict[str, Any], code: str, field: str | None
) -> None:
    async with scene(server.url) as raw:
        await raw.send(message)
        error = await raw.until(lambda m: m["type"] == "error")
        assert (error["code"], error.get("field"), error.get("id")) == (code, field, None)
        await _still_works(raw)


@pytest.mark.parametrize(
    ("kind", "params", "code", "field"),
    [
        ("hologram", {}, "unknown_kind", "kind"),
        ("texture", {"prompt": "sand", "size_px": 500}, "invalid_params", "params.size_px"),
        ("dialogue", {"npc": "nobody_we_know", "text": "Hi"}, "invalid_params", "params.npc"),
        ("mesh", {"prompt": "chair", "lods": 9}, "invalid_params", "params.lods"),
        ("texture", {"prompt": "how to build a pipe bomb"}, "refused", "params.prompt"),
        ("texture", {"prompt": ""}, "invalid_params", "params.prompt"),
        ("texture", {"prompt": "a" * 10_000}, "invalid_params", "params.prompt"),
        ("material", {}, "invalid_params", "params.image"),
        ("material", {"image": b"no picture"}, "invalid_params", "params.image"),
        ("material", {"image": PICTURE[: len(PICTURE) // 2]}, "invalid_params", "params.image"),
        ("material", {"image": BOMB}, "invalid_params", "params.image"),
        ("material", {"image": bytes(921_601)}, "too_large", "params.image"),
        ("material", {"image": PICTURE, "size_px": 96}, "invalid_params", "params.size_px"),
    ],
)
async def test_a_request_that_can_not_be_answered_says_why(
    server: Serving, kind: str, params: dict[str, Any], code: str, field: str
) -> None:
    async with scene(server.url) as raw:
        await raw.request(1, kind, params)
        error = await raw.end(1)
        assert (error["code"], error.get("field"), error["retryable"]) == (code, field, False)
        await _still_works(raw)


async def test_larger_than_the_engine_takes_is_too_large(server: Serving) -> None:
    async with scene(server.url, receive={"max_texture_px": 128}) as raw:
        await raw.request(1, "texture", {"prompt": "sand", "size_px": 256})
        error = await raw.end(1)
        assert (error["code"], error["field"]) == ("too_large", "params.size_px")
        await _still_works(raw)


async def test_a_cancelled_request_ends_in_cancelled(server: Serving) -> None:
    async with scene(server.url) as raw:
        await raw.request(1, "texture", SLOW)
        await raw.until(lambda m: m["type"] == "accepted")
        await raw.send({"type": "cancel", "id": 1})
        assert (await raw.end(1))["code"] == "cancelled"
        await _still_works(raw)


async def test_a_newer_request_of_a_slot_supersedes_the_older(server: Serving) -> None:
    async with scene(server.url) as raw:
        await raw.request(1, "texture", SLOW, slot="wall")
        await raw.request(2, "texture", {"prompt": "sand", "size_px": 64}, slot="wall")
        assert (await raw.end(1))["code"] == "superseded"
        assert (await raw.end(2))["type"] == "done"


async def test_a_passed_deadline_ends_the_request(server: Serving) -> None:
    async with scene(server.url) as raw:
        await raw.request(1, "texture", SLOW | {"seed": 5}, deadline_s=0.05)
        error = await raw.end(1)
        assert (error["code"], error["retryable"]) == ("deadline_exceeded", True)
        await _still_works(raw)


async def test_too_many_open_requests_are_rate_limited(tmp_path: Path) -> None:
    limits = {
        "VRBRIDGE_LIMITS__MAX_OPEN_REQUESTS": "2",
        "VRBRIDGE_LIMITS__MAX_BACKLOG_S": "6",
        "VRBRIDGE_LIMITS__DEGRADE": "false",
    }
    with serving(tmp_path, **limits) as server:
        async with scene(server.url) as raw:
            for id in (1, 2, 3):
                await raw.request(id, "texture", SLOW | {"seed": id})
            error = await raw.end(3)
            assert (error["code"], error["retryable"]) == ("rate_limited", True)
            for other in range(12):
                async with scene(server.url) as crowd:
                    await crowd.request(1, "texture", SLOW | {"seed": 100 + other})
                    await crowd.until(lambda m: m.get("id") == 1)
                    # In a burst it may be accepted first, while the cache is asked.
                    refusal = crowd.of(1)[-1]
                    if refusal["type"] == "error":
                        break
            assert refusal["code"] == "overloaded"
            assert refusal["retry_after_s"] > 0
            await raw.send({"type": "cancel", "id": 1})
            await raw.send({"type": "cancel", "id": 2})
            await raw.end(2)


def _token(data: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "vrbridge", "token", "create", "--data", str(data), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


async def test_tokens_open_the_door_as_far_as_their_scopes_reach(tmp_path: Path) -> None:
    token = _token(tmp_path, "--player", "ann", "--ttl", "1h", "--scope", "texture")
    with serving(tmp_path, VRBRIDGE_SERVER__AUTHENTICATION="true") as server:
        for bad in ({}, {"token": "forged"}, {"token": token[:-2] + "xx"}):
            async with scene(server.url, greet=False) as raw:
                await raw.send({"type": "hello", "version": 1, "client": {"name": "test"}, **bad})
                assert await raw.closed() == 4501
        async with scene(server.url, token=token) as raw:
            await raw.request(1, "mesh", {"prompt": "chair"})
            assert (await raw.end(1))["code"] == "forbidden"
            await _still_works(raw)


async def test_an_expired_token_answers_unauthorized(tmp_path: Path) -> None:
    with serving(tmp_path, VRBRIDGE_SERVER__AUTHENTICATION="true") as server:
        # Made last, so that a slow start doesn't use it up.
        token = _token(tmp_path, "--player", "ann", "--ttl", "5s")
        async with scene(server.url, token=token) as raw:
            id = 0
            while True:
                id += 1
                await raw.request(id, "texture", {"prompt": "sand", "size_px": 64, "seed": 1})
                end = await raw.end(id)
                if end["type"] == "error":
                    break
            assert end["code"] == "unauthorized"


@pytest.mark.parametrize(
    ("first", "code"),
    [
        (b"\xc1", 1007),
        (b"\x93\x01\x02\x03", 1007),
        ({"type": "hello", "version": 2, "client": {"name": "test"}}, 4526),
        ({"type": "hello", "version": 1, "client": {"name": "x" * 9000}}, 1009),
        ({"type": "request", "id": 1, "kind": "texture", "params": {}}, 1008),
    ],
)
async def test_a_broken_handshake_closes_with_its_code(server: Serving, first: Any, code: int) -> None:
    async with scene(server.url, greet=False) as raw:
        await raw.send(first)
        assert await raw.closed() == code
