"""The embedded model serves on loopback, to who has the key, until its standard input ends."""

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from vrbridge.generators.language.chat_client import ChatClient
from vrbridge.generators.language.completion import ChatMessage, Completion
from vrbridge.generators.language.embedded import (
    KEY_VARIABLE,
    embedded_command,
    embedded_config,
    embedded_endpoint,
    embedded_environment,
    random_key,
)

pytestmark = [pytest.mark.models, pytest.mark.xdist_group("language")]


@dataclass(frozen=True)
class Child:
    """A running child."""

    process: subprocess.Popen[bytes]
    ready: dict[str, str]
    key: str

    def client(self) -> ChatClient:
        """A client of it."""
        return ChatClient(
            embedded_endpoint(self.ready, self.key),
            max_connections=4,
            connect_timeout_s=5,
            token_timeout_s=30,
        )


@pytest.fixture(scope="module")
def child(gguf_path: Path) -> Iterator[Child]:
    key = random_key()
    config = embedded_config(gguf_path, model="small", slots=2, context_tokens=512, threads=1)
    process = subprocess.Popen(
        embedded_command(config),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | embedded_environment(key),
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield Child(process, json.loads(process.stdout.readline()), key)
        process.stdin.close()
        assert process.wait(10) == 0
        assert process.stdout.read() == b""
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def completion(text: str, seed: int = 1, **options: object) -> Completion:
    schema = {"type": "object", "properties": {"item": {"enum": ["sword", "cup"]}}, "required": ["item"]}
    return Completion(
        [ChatMessage("user", text)], 24, 0.8, seed=seed, schema=schema if options.get("is_json") else None
    )


async def answer(child: Child, asked: Completion) -> str:
    client = child.client()
    async with client.ask(asked) as reply:
        text = "".join([piece async for piece in reply])
    await client.close()
    assert 0 < reply.n_tokens <= 24
    return text


async def test_it_answers_and_the_same_seed_says_the_same(child: Child) -> None:
    first = await answer(child, completion("Tell me about the sea.", seed=1))
    assert first
    assert await answer(child, completion("Tell me about the sea.", seed=1)) == first
    assert await answer(child, completion("Tell me about the sea.", seed=2)) != first


async def test_a_schema_binds_what_it_says(child: Child) -> None:
    said = json.loads(await answer(child, completion("Which one do you give me?", is_json=True)))
    assert said["item"] in {"sword", "cup"}


def test_it_listens_on_loopback_and_wants_the_key(child: Child) -> None:
    assert child.ready["url"].startswith("http://127.0.0.1:")
    body = {"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 1}
    for headers in ({}, {"Authorization": "Bearer wrong"}):
        refused = httpx.post(child.ready["url"] + "/chat/completions", json=body, headers=headers)
        assert refused.status_code == 401


def test_the_key_is_not_on_the_command_line(child: Child) -> None:
    command = Path(f"/proc/{child.process.pid}/cmdline")
    if command.exists():
        assert child.key.encode() not in command.read_bytes()
        assert b"language" in command.read_bytes()


def test_settings_that_make_no_sense_are_brought_into_range() -> None:
    config = embedded_config(Path("m.gguf"), model="m", slots=0, context_tokens=1, threads=-1)
    assert (config.slots, config.context_tokens, config.threads) == (1, 512, 0)
    assert KEY_VARIABLE in embedded_environment("k")
