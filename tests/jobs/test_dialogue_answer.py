"""An answer streams, acts, feels and is remembered."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.generators.language.fake_endpoint import Scripted, event, words
from tests.jobs.dialogue_fakes import FULL, GIVE, FakeEmbed, dialogue
from vrbridge.errors import GeneratorFailed, Refused, SettingsError
from vrbridge.jobs.dialogue_answer import answer_settings
from vrbridge.jobs.events import ActionChosen, Event, Finished, Spoken
from vrbridge.jobs.kind import Asker
from vrbridge.settings import DialogueSettings

SCENE = {
    "head": {"position": [0, 1.7, 0], "orientation": [0, 0, 0, 1]},
    "place": "forge",
    "focus": "a",
    "nearby": [{"id": "a", "name": "anvil", "position": [0, 1, -1.5]}],
    "state": {"weather": "rain"},
}


def text_of(events: list[Event]) -> str:
    return "".join(piece.text for piece in events if isinstance(piece, Spoken))


def result_of(events: list[Event]) -> dict[str, Any]:
    assert isinstance(events[-1], Finished)
    return dict(events[-1].result)


async def test_the_line_is_begun_for_a_small_model_and_its_pieces_stream(tmp_path: Path) -> None:
    script = Scripted([words(" I", " bend", " iron", ".", tokens=4)])
    async with dialogue(tmp_path, script) as bench:
        events = await bench.say("Who are you?")
        assert [piece.text for piece in events if isinstance(piece, Spoken)] == [
            "Bram the smith. I", " bend", " iron", ".",
        ]  # fmt: skip
        assert result_of(events)["text"] == "Bram the smith. I bend iron."
        assert result_of(events)["finish"] == "stop"
        assert result_of(events)["tokens"] == 4
        assert isinstance(events[-1], Finished)
        assert set(events[-1].timing_ms) == {"queued_ms", "generate_ms"}
        messages = bench.endpoint.bodies[0]["messages"]
        assert messages[0]["role"] == "system"
        assert messages[-1] == {"role": "assistant", "content": "Bram the smith."}
        assert "Bram the smith. I bend iron." in messages[-2]["content"]


async def test_what_stays_the_same_comes_first(tmp_path: Path) -> None:
    async with dialogue(tmp_path) as bench:
        await bench.say("Who are you?")
        await bench.say("What happened to the mill?", asker=Asker("s2", "bob", 4, context=lambda: SCENE))
        first, second = (body["messages"] for body in bench.endpoint.bodies)
        assert first[:-2] == second[:-2]
        assert first[-2:] != second[-2:]


async def test_more_than_the_line_is_not_said(tmp_path: Path) -> None:
    script = Scripted([words(" down.", " I am Grimbold.", " Really.")])
    async with dialogue(tmp_path, script) as bench:
        events = await bench.say("What happened to the mill?")
        assert text_of(events) == "The mill burned down."
        assert result_of(events)["emotion"]["name"] in {"sadness", "trust"}


async def test_a_large_model_gets_scene_memory_and_tools(tmp_path: Path) -> None:
    call = {"tool_calls": [{"index": 0, "function": {"name": "give_item", "arguments": '{"item": "sword"}'}}]}
    acting = Scripted(
        [event("Here."), event(delta=call), event(finish_reason="tool_calls"), b"data: [DONE]\n\n"]
    )
    async with dialogue(tmp_path, Scripted([words("Well met, Ann.")]), acting, settings=FULL) as bench:
        await bench.say("I am Ann.")
        asker = replace(bench.asker, context=lambda: SCENE)
        events = await bench.say("The sword, please!", asker=asker, actions=[GIVE], language="German")
        assert events[:2] == [Spoken("Here."), ActionChosen("give_item", {"item": "sword"})]
        assert result_of(events)["finish"] == "action"
        prompt = bench.last_prompt()
        for part in ("the anvil (two steps ahead)", "looks at the anvil", "weather: rain", "German"):
            assert part in prompt
        body = bench.endpoint.bodies[-1]
        roles = [(message["role"], message["content"]) for message in body["messages"]]
        assert roles[1:3] == [("user", "I am Ann."), ("assistant", "Well met, Ann.")]
        assert body["tools"][0]["function"]["name"] == "give_item"
        assert "response_format" not in body


@pytest.mark.parametrize("arguments", ['{"item": "shield"}', "{", '{"item": "sword", "x": 1}', "", "[]"])
async def test_a_call_that_does_not_fit_is_no_action(tmp_path: Path, arguments: str) -> None:
    call = {"tool_calls": [{"index": 0, "function": {"name": "give_item", "arguments": arguments}}]}
    acting = Scripted([event("Hm."), event(delta=call, finish_reason="tool_calls"), b"data: [DONE]\n\n"])
    async with dialogue(tmp_path, acting, settings=FULL) as bench:
        events = await bench.say("The sword, please!", actions=[GIVE])
        assert [type(event) for event in events] == [Spoken, Finished]
        assert result_of(events)["finish"] == "stop"


async def test_a_small_model_acts_as_asked_and_says_so(tmp_path: Path) -> None:
    async with dialogue(tmp_path, Scripted([words(" are.")])) as bench:
        events = await bench.say("Please hand me that sword.", actions=[GIVE])
        assert text_of(events) == "Here you are."
        assert events[-2] == ActionChosen("give_item", {"item": "sword"})
        assert result_of(events)["finish"] == "action"


async def test_a_greeting_is_no_reason_to_act(tmp_path: Path) -> None:
    async with dialogue(tmp_path) as bench:
        events = await bench.say("Hello, who are you?", actions=[GIVE])
        assert not [event for event in events if isinstance(event, ActionChosen)]


async def test_an_answer_cut_by_its_length_says_so(tmp_path: Path) -> None:
    async with dialogue(tmp_path, Scripted([words(" I bend", finish="length")])) as bench:
        assert result_of(await bench.say("Who are you?", max_tokens=2))["finish"] == "length"
        assert bench.endpoint.bodies[0]["max_tokens"] == 2


async def test_a_failed_answer_is_remembered_as_far_as_spoken(tmp_path: Path) -> None:
    async with dialogue(tmp_path, Scripted([event(" I bend")], then="cut")) as bench:
        with pytest.raises(GeneratorFailed):
            await bench.say("Who are you?")
        assert await bench.remembered() == [("Who are you?", "Bram the smith. I bend")]


async def test_what_must_not_be_said_is_neither_sent_nor_remembered(tmp_path: Path) -> None:
    script = Scripted([words(" I know a", " secret", " thing.")])
    async with dialogue(tmp_path, script, forbidden="secret") as bench:
        question = bench.kind.check({"npc": "smith", "text": "Who are you?"}, bench.asker)
        answer = bench.kind.run(question, bench.asker)
        assert await anext(answer) == Spoken("Bram the smith. I know a")
        with pytest.raises(Refused):
            await anext(answer)
        assert await bench.remembered() == [("Who are you?", "Bram the smith. I know a")]


async def test_what_safety_rules_hold_back_comes_with_the_next_piece_or_at_the_end(tmp_path: Path) -> None:
    async with dialogue(tmp_path, Scripted([words(" I know a half-", "wit", " or a half-")])) as bench:
        question = bench.kind.check({"npc": "smith", "text": "Who are you?"}, bench.asker)
        events = [event async for event in bench.kind.run(question, bench.asker)]
        spoken = [event.text for event in events if isinstance(event, Spoken)]
        assert spoken == ["Bram the smith. I know a half-wit", " or a half-"]
        assert await bench.remembered() == [("Who are you?", "".join(spoken))]


async def test_a_prompt_that_does_not_fit_is_tried_again_with_less_memory(tmp_path: Path) -> None:
    full = Scripted([b'{"error": {"code": "context_length_exceeded"}}'], status=400)
    scripts = [*[Scripted([words("Hm.")])] * 3, full, Scripted([words("Yes.")])]
    async with dialogue(tmp_path, *scripts, settings=FULL) as bench:
        for text in ("one", "two", "three"):
            await bench.say(text)
        assert text_of(await bench.say("four")) == "Yes."
        assert len(bench.endpoint.bodies[3]["messages"]) == 8
        assert len(bench.endpoint.bodies[4]["messages"]) < 5


async def test_late_vectors_delay_nothing_and_leave_the_usual_mood(tmp_path: Path) -> None:
    async with dialogue(tmp_path, embed=FakeEmbed(is_late=True)) as bench:
        events = await bench.say("Who are you?")
        assert text_of(events).startswith("Bram the smith.")
        assert result_of(events)["emotion"] == {"name": "trust", "score": 0.0}


async def test_the_same_seed_asks_the_same(tmp_path: Path) -> None:
    async with dialogue(tmp_path) as bench:
        for player in ("ann", "bob"):
            await bench.say("Who are you?", asker=Asker("s", player, 1), seed=9)
        assert bench.endpoint.bodies[0] == bench.endpoint.bodies[1]
        assert bench.endpoint.bodies[0]["seed"] == 9


async def test_vectors_of_characters_are_made_ahead(tmp_path: Path) -> None:
    embed = FakeEmbed()
    async with dialogue(tmp_path, embed=embed) as bench:
        await bench.kind.prepare()
        n_before = len(embed.asked)
        await bench.say("Who are you?")
        assert all(len(texts) <= 4 for texts in embed.asked[n_before:])


def test_modes_follow_the_endpoint_unless_they_are_set() -> None:
    own = answer_settings(DialogueSettings())
    assert (own.is_brief, own.uses_tools) == (True, False)
    other = answer_settings(DialogueSettings(url="http://x/v1"))
    assert (other.is_brief, other.uses_tools) == (False, True)
    mixed = answer_settings(DialogueSettings(url="http://x/v1", actions="grammar", prompt="brief"))
    assert (mixed.is_brief, mixed.uses_tools) == (True, False)
    with pytest.raises(SettingsError, match="tool"):
        answer_settings(DialogueSettings(actions="tool"))


async def test_characters_are_read_ahead_with_the_prompts_that_they_will_have(tmp_path: Path) -> None:
    async with dialogue(tmp_path) as bench:
        await bench.kind.warm()
        await bench.say("Who are you?")
        ahead, asked = bench.endpoint.bodies
        assert ahead["max_tokens"] == 1
        n_same = len(asked["messages"]) - 2
        assert n_same > 2
        assert ahead["messages"][:n_same] == asked["messages"][:n_same]


async def test_a_model_that_is_down_can_not_read_ahead_and_nobody_minds(tmp_path: Path) -> None:
    async with dialogue(tmp_path) as bench:
        bench.client.point(None)
        await bench.kind.warm()
        assert bench.endpoint.bodies == []
