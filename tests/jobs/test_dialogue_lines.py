"""A character finds what to say: what it was asked, what is seen, what was told, or that it does not know."""

from typing import Any

import pytest

from tests.jobs.dialogue_fakes import FakeEmbed
from vrbridge.generators.language.surroundings import Surroundings, surroundings_of
from vrbridge.jobs.dialogue_lines import Line, Lines
from vrbridge.jobs.dialogue_prompt import read_templates
from vrbridge.memory.conversations import Turn
from vrbridge.memory.personas import Persona, Topic
from vrbridge.settings import assets_dir

PERSONA = Persona(
    name="Bram",
    knowledge=("The wolves come down from the hills in winter.",),
    topics=(
        Topic(asks=("Who are you?", "What is your name?"), says=("I am Bram.", "Bram, the smith.")),
        Topic(asks=("Tell me about the anvil",), says=("It was my father's.",)),
        Topic(asks=("What happened to the mill?",), says=("It burned down.",), emotion="sadness"),
    ),
    greeting=("Good day.",),
    farewell=("Go well.",),
    thanks=("Bah.",),
    listening=("I will keep it in mind.",),
    unknown=("I know iron, not that.",),
    agreeing=("Here you are.",),
    empty=("Smoke and ashes.",),
)
NOTHING = Surroundings()


def around(*things: tuple[str, float], **fields: Any) -> Surroundings:
    head = {"position": [0, 0, 0], "orientation": [0, 0, 0, 1]}
    nearby = [{"id": name, "name": name, "position": [0, 0, -far]} for name, far in things]
    return surroundings_of({"head": head, "nearby": nearby} | fields)


@pytest.fixture
def lines() -> Lines:
    return Lines(PERSONA, read_templates(assets_dir() / "prompts").intents, FakeEmbed(is_late=True))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Hello there!", "Good day."),
        ("good morning", "Good day."),
        ("Goodbye!", "Go well."),
        ("Thank you very much", "Bah."),
        ("So what happened to the old mill?", "It burned down."),
        ("Are there wolves in the hills?", "The wolves come down from the hills in winter."),
        ("My name is Ann.", "I will keep it in mind."),
        ("What about quantum physics?", "I know iron, not that."),
        ("", "I know iron, not that."),
        ("こんにちは", "I know iron, not that."),
    ],
)
async def test_words_lead_to_a_line(lines: Lines, text: str, line: str) -> None:
    assert (await lines.choose(text, NOTHING, (), seed=1)).text == line


async def test_a_topic_brings_its_mood(lines: Lines) -> None:
    line = await lines.choose("What happened to the mill?", NOTHING, (), seed=1)
    assert line == Line("It burned down.", "topic", "sadness")


async def test_what_is_looked_at_is_told_with_its_place_and_story(lines: Lines) -> None:
    seen = around(("anvil", 1.5), ("cup", 3.0), focus="anvil")
    line = await lines.choose("What is that?", seen, (), seed=1)
    assert line.text == "That is the anvil, two steps ahead of you. It was my father's."


async def test_a_thing_that_is_named_is_found(lines: Lines) -> None:
    seen = around(("anvil", 1.5), ("golden cup", 3.0), focus="anvil")
    line = await lines.choose("Where is the golden cup?", seen, (), seed=1)
    assert line.text == "That is the golden cup, four steps ahead of you."


async def test_everything_near_is_named(lines: Lines) -> None:
    seen = around(("anvil", 1.5), ("cup", 3.0), ("Old Bess", 4.0), ("door", 9.0))
    line = await lines.choose("What can you see here?", seen, (), seed=1)
    assert line.text == "I see the cup, Old Bess and the anvil, two steps ahead of you."
    assert (await lines.choose("What do you see?", NOTHING, (), seed=1)).text == "Smoke and ashes."


async def test_the_place_is_known_if_it_was_told(lines: Lines) -> None:
    assert (
        await lines.choose("Where are we?", around(place="forge"), (), seed=1)
    ).text == "This is the forge."


async def test_facts_of_the_scene_answer_what_nothing_else_does(lines: Lines) -> None:
    seen = around(state={"weather": "rain"})
    assert (await lines.choose("How is the weather?", seen, (), seed=1)).text == "The weather is rain."


async def test_what_the_player_told_is_remembered(lines: Lines) -> None:
    earlier = (
        Turn("My name is Ann.", "Good day."),
        Turn("I like iron.", "Hm."),
        Turn("Who are you?", "Bram."),
    )
    assert (await lines.choose("Do you remember my name?", NOTHING, earlier, seed=1)).text == (
        'You told me: "My name is Ann"'
    )
    assert (await lines.choose("What did I say?", NOTHING, earlier, seed=1)).topic == "remembering"
    assert (await lines.choose("Do you remember me?", NOTHING, (), seed=1)).topic == "unknown"


async def test_a_line_of_just_now_is_not_said_again(lines: Lines) -> None:
    first = await lines.choose("Who are you?", NOTHING, (), seed=1)
    second = await lines.choose("Who are you?", NOTHING, (Turn("Who are you?", first.text),), seed=1)
    assert {first.text, second.text} == {"I am Bram.", "Bram, the smith."}


async def test_who_acts_says_so(lines: Lines) -> None:
    line = await lines.choose("Give me the sword", NOTHING, (), seed=1, does_act=True)
    assert line.text == "Here you are."


async def test_vectors_are_asked_only_when_words_do_not_tell() -> None:
    embed = FakeEmbed()
    lines = Lines(PERSONA, read_templates(assets_dir() / "prompts").intents, embed)
    await lines.prepare(within_s=1)
    assert len(embed.asked) == 1
    await lines.choose("Who are you?", NOTHING, (), seed=1)
    assert len(embed.asked) == 1
    await lines.choose("Speak of dragons", NOTHING, (), seed=1)
    assert embed.asked[1:] == [["Speak of dragons"]]
