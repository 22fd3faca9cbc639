"""Vectors and characters for dialogue tests, scripted by data."""

import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.fakes import FakeTextEncoder
from tests.generators.language.fake_endpoint import FakeEndpoint, Scripted, fake_endpoint, words
from tests.jobs.fakes import DirectThreads
from vrbridge.errors import Refused
from vrbridge.generators.language.chat_client import ChatClient
from vrbridge.jobs.conversation_keeper import ConversationKeeper
from vrbridge.jobs.dialogue import DialogueKind, WaitForModel
from vrbridge.jobs.dialogue_answer import Answerer, AnswerSettings
from vrbridge.jobs.dialogue_prompt import read_templates
from vrbridge.jobs.events import Event
from vrbridge.jobs.kind import Asker
from vrbridge.memory.conversations import Conversations
from vrbridge.memory.personas import Personas
from vrbridge.settings import assets_dir

BRIEF = AnswerSettings(is_brief=True, uses_tools=False, temperature=0.7, context_tokens=2048)
FULL = AnswerSettings(is_brief=False, uses_tools=True, temperature=0.7, context_tokens=2048)

SMITH = """
name = "Bram"
description = "You are Bram, a smith."
greeting = ["Good day."]
unknown = ["I know iron, not that."]
agreeing = ["Here you are."]
emotion = "trust"
[[topics]]
asks = ["Who are you?"]
says = ["Bram the smith. I bend iron."]
[[topics]]
asks = ["What happened to the mill?"]
says = ["The mill burned down."]
emotion = "sadness"
"""

GIVE = {
    "name": "give_item",
    "description": "Hand an item to the player",
    "parameters": {
        "type": "object",
        "properties": {"item": {"enum": ["sword", "horseshoe"]}},
        "required": ["item"],
        "additionalProperties": False,
    },
}


@dataclass
class FakeEmbed:
    """Bag-of-words vectors, or none at all."""

    is_late: bool = False
    asked: list[Sequence[str]] = field(default_factory=list)
    own: list[Sequence[str]] = field(default_factory=list)

    async def embed(
        self, texts: Sequence[str], *, within_s: float, are_own: bool = False
    ) -> NDArray[np.float32] | None:
        """Return vectors unless it is late."""
        self.asked.append(texts)
        self.own += [texts] if are_own else []
        return None if self.is_late else FakeTextEncoder().encode(texts)


@dataclass
class Dialogue:
    """A dialogue kind with everything around it."""

    kind: DialogueKind
    answerer: Answerer
    client: ChatClient
    keeper: ConversationKeeper
    endpoint: FakeEndpoint
    asker: Asker = field(default_factory=lambda: Asker("s1", "ann", 1))

    async def say(self, text: str, *, asker: Asker | None = None, **params: Any) -> list[Event]:
        """Return all events of an answer of the smith."""
        asker = asker or self.asker
        self.asker = replace(self.asker, request_id=self.asker.request_id + 1)
        checked = self.kind.check({"npc": "smith", "text": text, "seed": 3, **params}, asker)
        self.kind.admit(checked, asker)
        return [event async for event in self.kind.run(checked, asker)]

    async def remembered(self, player: str = "ann") -> list[tuple[str, str]]:
        """Return what a player and the smith said."""
        turn = await self.keeper.begin(Asker("probe", player, 0), npc="smith", said="")
        return [(earlier.said, earlier.answer) for earlier in turn.earlier]

    def last_prompt(self) -> str:
        """Return everything that was sent last."""
        return "\n".join(message["content"] for message in self.endpoint.bodies[-1]["messages"])


class FakeSpokenCheck:
    """Refuses one word, and holds a piece that ends with a dash back until the next one."""

    def __init__(self, forbidden: str | None) -> None:
        self._forbidden = forbidden
        self._held = ""

    def pass_on(self, piece: str) -> str:
        """Return what may be shown."""
        text = self._held + piece
        if self._forbidden is not None and self._forbidden in text:
            raise Refused("A character would have said something that is not allowed.")
        shown, self._held = ("", text) if text.endswith("-") else (text, "")
        return shown

    def finish(self) -> str:
        """Return what was held back."""
        return self._held


@asynccontextmanager
async def dialogue(
    folder: Path,
    *scripts: Scripted,
    settings: AnswerSettings = BRIEF,
    slots: int = 2,
    max_wait_s: float = 8.0,
    embed: FakeEmbed | None = None,
    check_text: Callable[[str, str], None] = lambda text, field: None,
    forbidden: str | None = None,
    wait_for_model: WaitForModel | None = None,
    clock: Callable[[], float] = time.monotonic,
    on_waste: Callable[[str, str, float], None] = lambda kind, reason, seconds: None,
) -> AsyncIterator[Dialogue]:
    """Set a smith up whose model answers by script."""
    (folder / "smith.toml").write_text(SMITH)
    async with fake_endpoint(*(scripts or [Scripted([words(" I know.")])])) as endpoint:
        client = ChatClient(endpoint.endpoint, max_connections=8, connect_timeout_s=2, token_timeout_s=5)
        memory = Conversations(folder / "c.sqlite3", max_turns=20)
        keeper = ConversationKeeper(memory, DirectThreads())
        templates = read_templates(assets_dir() / "prompts")
        answerer = Answerer(
            client,
            keeper,
            embed or FakeEmbed(),
            templates,
            settings,
            new_check=lambda: FakeSpokenCheck(forbidden),
        )
        kind = DialogueKind(
            answerer,
            client,
            Personas((folder,)),
            check_text=check_text,
            slots=slots,
            max_wait_s=max_wait_s,
            max_tokens=100,
            model="small",
            license="Apache-2.0",
            wait_for_model=wait_for_model,
            clock=clock,
            on_waste=on_waste,
        )
        try:
            yield Dialogue(kind, answerer, client, keeper, endpoint)
        finally:
            await client.close()
            memory.close()
