"""Actions are chosen when they are asked for, and their arguments always fit."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.generators.language.fake_endpoint import FakeEndpoint, Scripted, fake_endpoint, words
from tests.jobs.dialogue_fakes import GIVE, FakeEmbed
from vrbridge.generators.language.chat_client import ChatClient
from vrbridge.generators.language.surroundings import Surroundings, surroundings_of
from vrbridge.generators.text_encoder import TextEncoder
from vrbridge.jobs.dialogue_actions import Actions, tools_of
from vrbridge.jobs.events import ActionChosen
from vrbridge.protocol.params import ActionOffer, DialogueParams, parse_params

OPEN = {"name": "open_door", "description": "Open the door of the smithy"}
FOLLOW = {
    "name": "follow_player",
    "description": "Walk behind the player",
    "parameters": {
        "type": "object",
        "properties": {"distance_m": {"type": "number", "minimum": 1, "maximum": 5}},
        "required": ["distance_m"],
    },
}


def offers(*actions: dict[str, Any]) -> tuple[ActionOffer, ...]:
    return parse_params(DialogueParams, {"npc": "a", "text": "b", "actions": list(actions)}).actions


ALL = offers(GIVE, OPEN, FOLLOW)


@asynccontextmanager
async def actions_of(*scripts: Scripted) -> AsyncIterator[tuple[Actions, FakeEndpoint]]:
    async with fake_endpoint(*(scripts or [Scripted(status=500)])) as endpoint:
        client = ChatClient(endpoint.endpoint, max_connections=2, connect_timeout_s=2, token_timeout_s=5)
        yield Actions(client, FakeEmbed(is_late=True)), endpoint
        await client.close()


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("Please hand me that sword.", "give_item"),
        ("Can I have the horseshoe?", "give_item"),
        ("I need a horseshoe for my horse", "give_item"),
        ("Could you open the door, please?", "open_door"),
        ("Unlock the door!", "open_door"),
        ("Come with me to the mill.", "follow_player"),
        ("Hello, who are you?", None),
        ("What is the sword made of?", None),
        ("Why is the door open?", None),
        ("Don't open the door!", None),
        ("I like your sword.", None),
        ("I want to know about the mill.", None),
        ("", None),
    ],
)
async def test_words_alone_tell_what_is_asked_for(said: str, name: str | None) -> None:
    async with actions_of() as (actions, _):
        intended = await actions.intended(said, ALL, Surroundings())
        assert (intended.offer.name if intended else None) == name


async def test_nothing_offered_is_nothing_done() -> None:
    async with actions_of() as (actions, _):
        assert await actions.intended("Give me the sword", (), Surroundings()) is None


async def test_named_choices_need_no_model() -> None:
    async with actions_of() as (actions, endpoint):
        intended = await actions.intended("Please hand me that sword.", ALL, Surroundings())
        assert intended is not None
        chosen = await actions.chosen(intended, "Please hand me that sword.", "Here.", seed=1)
        assert chosen == ActionChosen("give_item", {"item": "sword"})
        assert endpoint.bodies == []


async def test_what_is_looked_at_is_meant_by_this() -> None:
    head = {"position": [0, 0, 0], "orientation": [0, 0, 0, 1]}
    thing = {"id": "1", "name": "old horseshoe", "position": [0, 0, -1]}
    around = surroundings_of({"head": head, "nearby": [thing], "focus": "1"})
    async with actions_of() as (actions, _):
        intended = await actions.intended("Please give me this.", ALL, around)
        assert intended is not None
        chosen = await actions.chosen(intended, "Please give me this.", "Here.", seed=1)
        assert chosen == ActionChosen("give_item", {"item": "horseshoe"})


@pytest.mark.parametrize(
    ("answers", "arguments"),
    [
        (['{"distance_m": 2}'], {"distance_m": 2}),
        (['{"distance_m": 200}'], {"distance_m": 5}),
        (["{", '{"distance_m": 3}'], {"distance_m": 3}),
        (['{"other": 3}', "[]"], None),
    ],
)
async def test_the_model_fills_in_the_rest_and_is_held_to_the_schema(
    answers: Sequence[str], arguments: dict[str, Any] | None
) -> None:
    async with actions_of(*[Scripted([words(answer)]) for answer in answers]) as (actions, endpoint):
        intended = await actions.intended("Follow me!", ALL, Surroundings())
        assert intended is not None
        chosen = await actions.chosen(intended, "Follow me!", "Aye.", seed=1)
        assert (dict(chosen.arguments) if chosen else None) == arguments
        sent = endpoint.bodies[0]["response_format"]["json_schema"]["schema"]
        assert sent == FOLLOW["parameters"]
        assert len(endpoint.bodies) == len(answers)


async def test_a_model_that_fails_costs_the_action_and_not_the_answer() -> None:
    async with actions_of(Scripted(status=500)) as (actions, _):
        intended = await actions.intended("Follow me!", ALL, Surroundings())
        assert intended is not None
        assert await actions.chosen(intended, "Follow me!", "Aye.", seed=1) is None


def test_tools_always_have_parameters() -> None:
    tools = tools_of(ALL)
    assert [tool["function"]["name"] for tool in tools] == ["give_item", "open_door", "follow_player"]
    assert tools[1]["function"]["parameters"] == {"type": "object", "properties": {}}
    assert json.loads(json.dumps(tools)) == tools


@pytest.mark.models
@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("Give me the shiny blade", "give_item"),
        ("Let us go together, walk after me!", "follow_player"),
        ("Tell me a joke", None),
        ("Good morning, how are you today?", None),
        ("Where do you come from?", None),
    ],
)
async def test_meaning_helps_where_words_differ(
    text_encoder: TextEncoder, said: str, name: str | None
) -> None:
    class RealEmbed:
        async def embed(self, texts: Sequence[str], *, within_s: float, are_own: bool = False) -> Any:
            return text_encoder.encode(list(texts))

    async with fake_endpoint(Scripted(status=500)) as endpoint:
        client = ChatClient(endpoint.endpoint, max_connections=1, connect_timeout_s=2, token_timeout_s=5)
        intended = await Actions(client, RealEmbed()).intended(said, ALL, Surroundings())
        await client.close()
    assert (intended.offer.name if intended else None) == name
