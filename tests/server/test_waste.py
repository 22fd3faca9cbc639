"""Work on what nobody wants any more is stopped, and counted."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
from prometheus_client.parser import text_string_to_metric_families

from tests.integration.scene import RawScene, scene
from vrbridge.bench.fake_server import FakeServer, running

_ENDLESS_S = 600.0


@asynccontextmanager
async def waiting_for_ever(folder: Path) -> AsyncIterator[tuple[RawScene, str]]:
    """A player whose only worker is at a thing that has no end, and the counters' address."""
    config = FakeServer(data=str(folder), n_workers=1, service_s={"texture": 0.005, "mesh": _ENDLESS_S})
    async with running(config) as listener, scene(listener.url) as raw:
        await raw.request(1, "mesh", {"prompt": "a gate"}, slot="gate")
        await raw.until(lambda m: m["type"] == "progress")
        yield raw, listener.url.replace("ws://", "http://").removesuffix("/ws") + "/metrics"


async def wasted(url: str) -> dict[tuple[str, str], float]:
    """Return seconds of work by kind and reason."""
    async with httpx.AsyncClient(trust_env=False) as http:
        text = (await http.get(url)).text
    return {
        (sample.labels["kind"], sample.labels["reason"]): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == "vrbridge_wasted_seconds_total"
    }


async def test_superseded_work_stops_and_is_counted(tmp_path: Path) -> None:
    async with waiting_for_ever(tmp_path) as (raw, counters):
        await raw.request(2, "texture", {"prompt": "wall", "size_px": 64}, slot="gate")
        assert (await raw.end(1))["code"] == "superseded"
        assert (await raw.end(2))["type"] == "done"
        waste = await wasted(counters)
        assert set(waste) == {("mesh", "superseded")}
        assert 0.25 <= waste["mesh", "superseded"] < _ENDLESS_S


async def test_cancelled_work_stops_and_is_counted_and_finished_work_is_not(tmp_path: Path) -> None:
    async with waiting_for_ever(tmp_path) as (raw, counters):
        await raw.send({"type": "cancel", "id": 1})
        await raw.request(2, "texture", {"prompt": "wall", "size_px": 64})
        assert (await raw.end(2))["type"] == "done"
        assert set(await wasted(counters)) == {("mesh", "cancelled")}


async def test_what_never_began_wastes_nothing(tmp_path: Path) -> None:
    async with waiting_for_ever(tmp_path) as (raw, counters):
        await raw.request(2, "texture", {"prompt": "wall", "size_px": 64})
        await raw.until(lambda m: m["type"] == "accepted" and m["id"] == 2)
        await raw.send({"type": "cancel", "id": 2})
        assert (await raw.end(2))["code"] == "cancelled"
        assert await wasted(counters) == {}
