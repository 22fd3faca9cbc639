"""Several servers share what players said, through a PostgreSQL that may go away and come back."""

import asyncio
import os
import subprocess
import sys
import urllib.request
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.generators.language.fake_endpoint import FakeEndpoint, Scripted, fake_endpoint, words
from tests.integration.scene import Message, RawScene, scene
from tests.integration.serving import Serving, serving
from tests.postgres_server import PASSWORD, PostgresServer

# Starts servers with all their models, which takes long beside other work.
pytestmark = [pytest.mark.models, pytest.mark.xdist_group("server"), pytest.mark.timeout(400)]

_N_POLLS = 600
_POLL_S = 0.1


def _environment(url: str, speaker: FakeEndpoint) -> dict[str, str]:
    return {
        "VRBRIDGE_MEMORY__URL": url,
        "VRBRIDGE_DIALOGUE__URL": speaker.url,
        "VRBRIDGE_DIALOGUE__MODEL": "scripted",
        "VRBRIDGE_WORKERS__COUNT": "1",
    }


@dataclass
class Shared:
    """Two servers before one database, and the model that speaks for both."""

    one: Serving
    other: Serving
    speaker: FakeEndpoint

    def prompt(self) -> str:
        """Return what the model was told last, in one text."""
        return "\n".join(message["content"] for message in self.speaker.bodies[-1]["messages"])


async def _say(raw: RawScene, id: int, text: str) -> Message:
    await raw.request(id, "dialogue", {"npc": "blacksmith", "text": text})
    return await raw.end(id)


async def _lost(server: Serving) -> float:
    def read() -> str:
        with urllib.request.urlopen(server.http_url + "/metrics", timeout=30) as answer:
            return str(answer.read().decode())

    text = await asyncio.to_thread(read)
    counts = [line for line in text.splitlines() if line.startswith("vrbridge_memory_lost_total{")]
    return sum(float(line.split()[-1]) for line in counts if "conversations" in line)


async def _forget(raw: RawScene, n_earlier: int) -> Message:
    """Ask to be forgotten, and return the answer, before which there were so many."""
    await raw.send({"type": "forget", "scope": "player"})

    def answers() -> list[Message]:
        return [
            m
            for m in raw.messages
            if m["type"] == "forgotten" or (m["type"] == "error" and m.get("field") == "scope")
        ]

    await raw.until(lambda _: len(answers()) > n_earlier)
    return answers()[n_earlier]


async def test_two_servers_share_what_is_said_and_a_database_that_goes_away_costs_no_answer(
    tmp_path: Path, postgres: PostgresServer, postgres_url: str, minilm_dir: Path
) -> None:
    async with fake_endpoint(Scripted([words("Well met, traveller.")])) as speaker:
        with ExitStack() as stack:
            servers = []
            for name in ("one", "other"):
                (tmp_path / name).mkdir()
                environment = _environment(postgres_url, speaker)
                # On threads: the model that they ask at the start lives on this loop.
                servers.append(
                    await asyncio.to_thread(stack.enter_context, serving(tmp_path / name, **environment))
                )
            try:
                await _converse(Shared(servers[0], servers[1], speaker), postgres)
            finally:
                await asyncio.to_thread(stack.close)
    for name in ("one", "other"):
        log = (tmp_path / name / "server.log").read_text()
        assert "PostgreSQL is away" in log
        assert "PostgreSQL is back" in log
        assert PASSWORD not in log
        assert "purple heron" not in log
        assert "Traceback" not in log
        assert not (tmp_path / name / "conversations.sqlite3").exists()


async def _converse(shared: Shared, postgres: PostgresServer) -> None:
    async with scene(shared.one.url) as one, scene(shared.other.url) as other:
        assert (await _say(one, 1, "My ship is the purple heron."))["type"] == "done"
        assert (await _say(other, 1, "What is my ship?"))["type"] == "done"
        assert "My ship is the purple heron." in shared.prompt()
        assert "Well met, traveller." in shared.prompt()
        assert (await _lost(shared.one), await _lost(shared.other)) == (0, 0)

        await asyncio.to_thread(postgres.stop)
        for raw in (one, other):
            assert (await _say(raw, 2, "Are you still there?"))["type"] == "done"
            assert "purple heron" not in shared.prompt()
        assert await _lost(shared.one) > 0
        assert await _lost(shared.other) > 0
        refused = await _forget(one, 0)
        assert (refused["type"], refused["code"], refused["retryable"]) == ("error", "unavailable", True)

        await asyncio.to_thread(postgres.start)
        for raw in (one, other):
            await _until_remembered(raw, shared)
        forgotten = await _forget(one, 1)
        assert forgotten["type"] == "forgotten"
        assert forgotten["items"] >= 2
        assert (await _say(other, 900, "Who am I?"))["type"] == "done"
        assert "purple heron" not in shared.prompt()


async def _until_remembered(raw: RawScene, shared: Shared) -> None:
    """Say something until the character remembers what was said before the database went away."""
    for id in range(100, 100 + _N_POLLS):
        assert (await _say(raw, id, "And now?"))["type"] == "done"
        if "purple heron" in shared.prompt():
            return
        await asyncio.sleep(_POLL_S)
    raise AssertionError("it never came back")


def test_a_database_that_is_not_there_is_told_of_at_the_start(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "vrbridge", "serve", "--port", "0", "--data", str(tmp_path)]
    url = f"postgresql://ann:hunter2@/vr?host={tmp_path}"
    environment = {**os.environ, "VRBRIDGE_MEMORY__URL": url}
    ended = subprocess.run(command, capture_output=True, text=True, timeout=200, check=False, env=environment)
    assert ended.returncode == 2
    assert "conversations in PostgreSQL" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "hunter2" not in ended.stderr + ended.stdout
