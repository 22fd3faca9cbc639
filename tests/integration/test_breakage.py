"""What breaks inside fails the requests it touches, and nothing else."""

import os
import signal
from pathlib import Path

import pytest

from tests.integration.scene import Message, RawScene, scene
from tests.integration.serving import Serving, children, serving

pytestmark = [pytest.mark.models, pytest.mark.xdist_group("server")]

TALE = "Tell me everything about your work, your life and this village, please."


async def _eventually_done(raw: RawScene, first_id: int, kind: str, params: Message) -> Message:
    """Ask again, as `retryable` errors invite to, until it is done."""
    for id in range(first_id, first_id + 200):
        await raw.request(id, kind, params)
        end = await raw.end(id)
        if end["type"] == "done":
            return end
        assert end["retryable"], end
    raise AssertionError("it never recovered")


def _pid_of(server: Serving, word: str) -> int:
    found = [pid for pid, command in children(server.process.pid).items() if word in command]
    assert found, children(server.process.pid)
    return found[0]


async def test_a_killed_language_model_fails_its_answer_and_comes_back(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        async with scene(server.url) as raw:
            await raw.request(1, "dialogue", {"npc": "blacksmith", "text": TALE, "max_tokens": 160})
            await raw.until(lambda m: m["type"] == "text")
            os.kill(_pid_of(server, "language"), signal.SIGKILL)
            end = await raw.end(1)
            assert end["code"] in {"generator_failed", "unavailable"}
            assert end["retryable"] is True
            # What does not need it goes on.
            await raw.request(2, "texture", {"prompt": "sand", "size_px": 64})
            assert (await raw.end(2))["type"] == "done"
            await _eventually_done(raw, 3, "dialogue", {"npc": "merchant", "text": "Good day!"})


async def test_a_killed_generator_fails_its_job_and_comes_back(tmp_path: Path) -> None:
    with serving(tmp_path, VRBRIDGE_WORKERS__COUNT="1") as server:
        async with scene(server.url) as raw:
            await raw.request(1, "texture", {"prompt": "brick wall", "size_px": 2048, "format": "astc4x4"})
            await raw.until(lambda m: m["type"] == "asset")
            os.kill(_pid_of(server, "scheduling.worker"), signal.SIGKILL)
            end = await raw.end(1)
            assert (end["code"], end["retryable"]) == ("generator_failed", True)
            await raw.request(2, "dialogue", {"npc": "blacksmith", "text": "Still there?"})
            assert (await raw.end(2))["type"] == "done"
            await _eventually_done(raw, 3, "texture", {"prompt": "brick wall", "size_px": 64})


async def test_a_full_asset_store_says_unavailable_and_smaller_things_still_work(tmp_path: Path) -> None:
    with serving(tmp_path, VRBRIDGE_MEMORY__MAX_ASSET_MB="1") as server:
        async with scene(server.url) as raw:
            await raw.request(1, "texture", {"prompt": "sand", "size_px": 1024, "format": "rgba8"})
            end = await raw.end(1)
            assert (end["code"], end["retryable"]) == ("unavailable", True)
            await raw.request(2, "texture", {"prompt": "sand", "size_px": 64})
            assert (await raw.end(2))["type"] == "done"


async def test_sigterm_finishes_what_runs_and_closes_politely(tmp_path: Path) -> None:
    # What is slow on a busy machine is not to be cut off here.
    with serving(tmp_path, VRBRIDGE_SERVER__DRAIN_S="100") as server:
        async with scene(server.url) as raw:
            await raw.request(1, "texture", {"prompt": "oak planks", "size_px": 512})
            await raw.until(lambda m: m["type"] == "accepted")
            server.process.send_signal(signal.SIGTERM)
            await raw.until(lambda m: m["type"] == "goaway")
            assert (await raw.end(1))["type"] == "done"
            assert await raw.closed() == 4490
        assert server.process.wait(30) == 0
        assert server.process.stdout is not None
        assert server.process.stdout.read() == ""


async def test_two_players_never_share_a_memory(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        for device, items in (("ann", 2), ("bob", 1)):
            async with scene(server.url, client={"name": "test", "device": device}) as raw:
                for id in range(items):
                    params = {"npc": "merchant", "text": "What do you sell?", "max_tokens": 12}
                    await raw.request(id, "dialogue", params)
                    assert (await raw.end(id))["type"] == "done"
        counts: dict[str, list[int]] = {}
        for device in ("ann", "bob", "ann"):
            async with scene(server.url, client={"name": "test", "device": device}) as raw:
                await raw.send({"type": "forget", "scope": "player"})
                forgotten = await raw.until(lambda m: m["type"] == "forgotten")
                counts.setdefault(device, []).append(forgotten["items"])
        assert counts["bob"][0] > 0
        assert counts["ann"][0] > counts["bob"][0]
        assert counts["ann"][1] == 0
