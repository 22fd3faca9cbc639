"""What hangs, starves or finds no room inside the server, seen from outside."""

import asyncio
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.scene import Message, RawScene, scene
from tests.integration.serving import Serving, children, serving
from tests.small_disk import small_disk
from vrbridge.server.tokens import KEY_FILE, load_or_create_key

pytestmark = [pytest.mark.models, pytest.mark.xdist_group("server")]

SMALL = {"prompt": "sand", "size_px": 64}
_POLL_S = 0.05
_N_POLLS = 1200


def _get(server: Serving, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(server.http_url + path, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


async def _readiness(server: Serving, *, is_ready: bool) -> dict[str, bool]:
    """Return the parts of `/readyz` once it says so."""
    for _ in range(_N_POLLS):
        status, text = await asyncio.to_thread(_get, server, "/readyz")
        answer: dict[str, Any] = json.loads(text)
        assert (status == 200) is answer["ready"]
        if answer["ready"] is is_ready:
            parts: dict[str, bool] = answer["parts"]
            return parts
        await asyncio.sleep(_POLL_S)
    raise AssertionError(f"/readyz never said {is_ready}")


async def _metric(server: Serving, name: str) -> float:
    _, text = await asyncio.to_thread(_get, server, "/metrics")
    (line,) = [line for line in text.splitlines() if line.startswith(name + " ")]
    return float(line.split()[-1])


async def _eventually_done(raw: RawScene, first_id: int, kind: str, params: Message) -> Message:
    for id in range(first_id, first_id + _N_POLLS):
        await raw.request(id, kind, params)
        end = await raw.end(id)
        if end["type"] == "done":
            return end
        assert end["retryable"], end
        await asyncio.sleep(_POLL_S)
    raise AssertionError("it never recovered")


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def _pids(server: Serving, word: str) -> list[int]:
    return [pid for pid, command in children(server.process.pid).items() if word in command]


@pytest.fixture(scope="module")
def fragile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A server that soon takes a silent part for hung, and whose workers have little memory."""
    with serving(
        tmp_path_factory.mktemp("fragile"),
        VRBRIDGE_WORKERS__COUNT="2",
        VRBRIDGE_WORKERS__HANG_S="10",
        VRBRIDGE_WORKERS__MAX_MEMORY_MB="64",
        VRBRIDGE_DIALOGUE__TOKEN_TIMEOUT_S="10",
    ) as running:
        yield running


async def test_a_worker_that_hangs_is_replaced_and_readiness_tells_of_it(fragile: Serving) -> None:
    await _readiness(fragile, is_ready=True)
    assert await _metric(fragile, 'vrbridge_workers{state="ready"}') == 2
    n_restarts = await _metric(fragile, "vrbridge_worker_restarts_total")
    async with scene(fragile.url) as raw:
        for pid in _pids(fragile, "scheduling.worker"):
            os.kill(pid, signal.SIGSTOP)
        await raw.request(1, "texture", SMALL | {"seed": 1})
        end = await raw.end(1)
        assert (end["code"], end["retryable"]) == ("generator_failed", True)
        parts = await _readiness(fragile, is_ready=False)
        assert parts["workers"] is False
        assert (parts["dialogue"], parts["server"]) == (True, True)
        # Without sentence vectors, too, a character has an answer.
        await raw.request(2, "dialogue", {"npc": "blacksmith", "text": "Still there?", "max_tokens": 8})
        assert (await raw.end(2))["type"] == "done"
        # The other one is found out by the next job that it gets.
        await _eventually_done(raw, 3, "texture", SMALL | {"seed": 1})
        for pid in _pids(fragile, "scheduling.worker"):
            os.kill(pid, signal.SIGCONT)
    await _readiness(fragile, is_ready=True)
    assert await _metric(fragile, "vrbridge_worker_restarts_total") > n_restarts


async def test_a_generator_without_memory_fails_one_request(fragile: Serving) -> None:
    await _readiness(fragile, is_ready=True)
    pids = sorted(_pids(fragile, "scheduling.worker"))
    async with scene(fragile.url) as raw:
        await raw.request(1, "texture", SMALL | {"size_px": 2048, "format": "rgba8"})
        end = await raw.end(1)
        assert (end["code"], end["retryable"]) == ("generator_failed", True)
        assert "smaller" in end["message"]
        await raw.request(2, "texture", SMALL | {"seed": 2})
        assert (await raw.end(2))["type"] == "done"
    assert sorted(_pids(fragile, "scheduling.worker")) == pids


async def test_a_language_model_that_hangs_is_replaced(fragile: Serving) -> None:
    await _readiness(fragile, is_ready=True)
    async with scene(fragile.url) as raw:
        (pid,) = _pids(fragile, "language")
        os.kill(pid, signal.SIGSTOP)
        for id in (1, 2):
            await raw.request(id, "dialogue", {"npc": "blacksmith", "text": "Hello?", "max_tokens": 8})
        for id in (1, 2):
            end = await raw.end(id)
            # Which of the two depends on whether it was found out by this answer or another.
            assert end["code"] in {"generator_failed", "unavailable"}
            assert end["retryable"] is True
        parts = await _readiness(fragile, is_ready=False)
        assert (parts["dialogue"], parts["workers"]) == (False, True)
        await raw.request(3, "texture", SMALL | {"seed": 3})
        assert (await raw.end(3))["type"] == "done"
        question = {"npc": "blacksmith", "text": "Are you back?", "max_tokens": 8}
        await _eventually_done(raw, 4, "dialogue", question)
    await _readiness(fragile, is_ready=True)
    assert pid not in _pids(fragile, "language")


async def test_a_full_disk_costs_memory_and_assets_but_no_word(tmp_path: Path) -> None:
    with (
        small_disk(tmp_path / "disk", n_bytes=8 << 20) as disk,
        serving(disk.folder) as server,
    ):
        async with scene(server.url) as raw:
            await raw.request(1, "dialogue", {"npc": "blacksmith", "text": "Good day!", "max_tokens": 8})
            assert (await raw.end(1))["type"] == "done"
            # The log of this server is on the same disk.
            disk.fill()
            await raw.request(2, "texture", SMALL | {"size_px": 256})
            end = await raw.end(2)
            assert (end["code"], end["retryable"]) == ("unavailable", True)
            assert end["retry_after_s"] >= 5.0
            for id in range(3, 6):
                params = {"npc": "blacksmith", "text": f"Number {id}!", "max_tokens": 8}
                await raw.request(id, "dialogue", params)
                assert (await raw.end(id))["type"] == "done"
            assert await _metric(server, 'vrbridge_memory_lost_total{part="conversations"}') > 0
            disk.free()
            await raw.request(20, "texture", SMALL | {"size_px": 256})
            assert (await raw.end(20))["type"] == "done"
            await raw.request(21, "dialogue", {"npc": "blacksmith", "text": "And now?", "max_tokens": 8})
            assert (await raw.end(21))["type"] == "done"
            await raw.send({"type": "forget", "scope": "player"})
            forgotten = await raw.until(lambda m: m["type"] == "forgotten")
            # At least two turns, and the pictures of one material.
            assert forgotten["items"] >= 3
            assert all((await _readiness(server, is_ready=True)).values())


async def test_damaged_assets_are_made_again_and_damaged_conversations_moved_aside(tmp_path: Path) -> None:
    order = SMALL | {"seed": 7, "maps": ["base_color"]}
    with serving(tmp_path) as server:
        async with scene(server.url) as raw:
            await raw.request(1, "texture", order)
            assert (await raw.end(1))["type"] == "done"
            digests = [m["digest"] for m in raw.of(1, "asset")]
    damaged = sorted((tmp_path / "assets").glob("*/*"))
    assert len(damaged) == len(digests) == 2
    shutil.copy(sys.executable, tmp_path / "conversations.sqlite3")
    for path in damaged:
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 0xFF
        path.write_bytes(content)
    with serving(tmp_path) as server:
        assert (await asyncio.to_thread(_get, server, f"/assets/{digests[0]}"))[0] == 404
        async with scene(server.url) as raw:
            await raw.request(1, "texture", order)
            end = await raw.end(1)
            assert end["type"] == "done"
            assert "cached" not in end["result"]
            # `body` checks what came against the digest.
            assert [m["digest"] for m in raw.of(1, "asset")] == digests
            assert all(raw.body(m["role"], 1) for m in raw.of(1, "asset"))
            await raw.request(2, "dialogue", {"npc": "blacksmith", "text": "Good day!", "max_tokens": 8})
            assert (await raw.end(2))["type"] == "done"
    assert "The conversations can't be read" in (tmp_path / "server.log").read_text()
    assert any(name.startswith("conversations.sqlite3.unreadable-") for name in _names(tmp_path))


def _refused_start(data: Path) -> str:
    command = [sys.executable, "-m", "vrbridge", "serve", "--port", "0", "--data", str(data)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr
    return ended.stderr


def test_conversations_that_another_program_keeps_locked_are_told_of(tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "conversations.sqlite3")
    other.execute("PRAGMA locking_mode = EXCLUSIVE")
    other.execute("CREATE TABLE mine (id)")
    other.execute("BEGIN EXCLUSIVE")
    assert "conversations in the data folder can't be opened" in _refused_start(tmp_path)
    other.close()


def test_a_disk_that_is_full_at_the_start_is_told_of(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", n_bytes=1 << 20) as disk:
        load_or_create_key(disk.folder / KEY_FILE)
        disk.fill()
        told = _refused_start(disk.folder)
        assert "data folder" in told
        assert "listen" not in told
