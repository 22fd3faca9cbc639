"""Under too much work a material comes smaller before it does not come at all."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.integration.scene import Message, RawScene, scene
from vrbridge.bench.fake_server import FakeServer, running
from vrbridge.settings import LimitSettings

_BLOCKER = 900
_ROOM_S = 0.7
_PATIENCE_S = 60


@asynccontextmanager
async def busy(folder: Path, *, waiting_px: int = 512, **limits: Any) -> AsyncIterator[RawScene]:
    """A player whose only worker is at something that has no end, with one material waiting behind it.

    512 px are thought to take 0.4 s, a little more than half of what may be waited.
    """
    config = FakeServer(
        data=str(folder),
        n_workers=1,
        limits=LimitSettings(max_backlog_s=_ROOM_S, **limits),
        service_s={"texture": 0.005, "mesh": 600.0},
    )
    async with running(config) as listener, scene(listener.url) as raw:
        await raw.request(_BLOCKER, "mesh", {"prompt": "a gate"})
        await raw.until(lambda m: m["type"] == "progress")
        await raw.request(_BLOCKER + 1, "texture", {"prompt": "wall", "seed": 1, "size_px": waiting_px})
        await something_waits(listener.url.replace("ws://", "http://").removesuffix("/ws") + "/metrics")
        yield raw


async def something_waits(url: str) -> None:
    """Return once a job waits, which is a little after its request was accepted."""
    async with httpx.AsyncClient(trust_env=False) as http, asyncio.timeout(_PATIENCE_S):
        while "vrbridge_backlog_jobs 1.0" not in (await http.get(url)).text:
            pass


async def ended(raw: RawScene, id: int) -> Message:
    await raw.send({"type": "cancel", "id": _BLOCKER})
    return await raw.end(id)


LARGE = {"prompt": "a wall", "seed": 3, "size_px": 1024}


@pytest.mark.parametrize("priority", ["interactive", "normal"])
async def test_a_smaller_material_says_what_was_asked_for_and_is_what_asking_for_it_gives(
    tmp_path: Path, priority: str
) -> None:
    async with busy(tmp_path) as raw:
        await raw.request(1, "texture", LARGE, priority=priority)
        result = (await ended(raw, 1))["result"]
        assert result["degraded"] == {"size_px": [1024, 512]}
        assert {m["meta"]["degraded"]["size_px"][1] for m in raw.of(1, "asset")} == {512}
        await raw.request(2, "texture", LARGE | {"size_px": 512})
        direct = (await raw.end(2))["result"]
        assert direct == {"cached": True}
        digests = [[(m["role"], m["digest"]) for m in raw.of(id, "asset")] for id in (1, 2)]
        assert digests[0] == digests[1]
        await raw.request(3, "texture", LARGE)
        assert "degraded" not in (await raw.end(3))["result"]


@pytest.mark.parametrize(("priority", "degrade"), [("background", True), ("interactive", False)])
async def test_what_nobody_waits_for_comes_whole_as_everything_does_where_it_is_switched_off(
    tmp_path: Path, priority: str, degrade: bool
) -> None:
    async with busy(tmp_path, degrade=degrade) as raw:
        await raw.request(1, "texture", LARGE, priority=priority)
        assert "degraded" not in (await ended(raw, 1))["result"]


@pytest.mark.parametrize(("priority", "degrade"), [("background", True), ("interactive", False)])
async def test_what_has_no_room_is_refused_as_a_whole_there(
    tmp_path: Path, priority: str, degrade: bool
) -> None:
    async with busy(tmp_path, degrade=degrade, max_session_backlog_s=1.0) as raw:
        await raw.request(1, "texture", LARGE, priority=priority)
        assert (await raw.end(1))["code"] == "overloaded"


async def test_what_waits_behind_next_to_nothing_comes_whole(tmp_path: Path) -> None:
    async with busy(tmp_path, waiting_px=64) as raw:
        await raw.request(1, "texture", LARGE)
        assert "degraded" not in (await ended(raw, 1))["result"]


async def test_what_was_made_before_comes_whole_whatever_waits(tmp_path: Path) -> None:
    async with busy(tmp_path, waiting_px=64) as raw:
        await raw.request(1, "texture", LARGE)
        await ended(raw, 1)
    async with busy(tmp_path) as raw:
        await raw.request(1, "texture", LARGE)
        assert (await raw.end(1))["result"] == {"cached": True}
        assert not [m for m in raw.of(1, "asset") if "degraded" in m["meta"]]


async def test_a_deadline_too_is_met_with_something_smaller(tmp_path: Path) -> None:
    async with busy(tmp_path, waiting_px=64) as raw:
        # 0.4 s of work and what waits before it do not fit, 0.14 s do.
        await raw.request(1, "texture", LARGE | {"size_px": 512}, deadline_s=0.35)
        accepted = await raw.until(lambda m: m.get("id") == 1)
        assert accepted["type"] == "accepted"
        assert accepted["eta_s"] < 0.35
