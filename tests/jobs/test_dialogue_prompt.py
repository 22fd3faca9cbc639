"""Prompts tell a model what it needs, in the room that there is."""

from pathlib import Path

import pytest

from vrbridge.errors import SettingsError
from vrbridge.generators.language.surroundings import Surroundings
from vrbridge.generators.language.token_estimate import estimate_tokens
from vrbridge.jobs.dialogue_lines import Line
from vrbridge.jobs.dialogue_prompt import (
    Prompt,
    brief_prompt,
    cut_to,
    full_prompt,
    inline_persona,
    read_templates,
)
from vrbridge.memory.conversations import Turn
from vrbridge.memory.personas import Persona, Personas
from vrbridge.settings import assets_dir

TEMPLATES = read_templates(assets_dir() / "prompts")
PERSONA = Persona(name="Bram", description="You are Bram.", knowledge=("Iron bends.",))


def full(earlier: list[Turn], max_tokens: int, persona: Persona = PERSONA) -> Prompt:
    return full_prompt(
        TEMPLATES.full,
        persona,
        said="And now?",
        around=Surroundings(place="forge"),
        earlier=earlier,
        language=None,
        max_tokens=max_tokens,
    )


def test_the_oldest_turns_go_first_and_leave_a_word() -> None:
    earlier = [Turn(f"I said {i}. " + "so " * 40, "Hm. " * 40) for i in range(20)]
    prompt = full(earlier, 1200)
    contents = [message.content for message in prompt.messages]
    assert sum(estimate_tokens(content) for content in contents) <= 1200
    kept = [content for content in contents[1:-1] if content.startswith("I said")]
    assert 2 < len(kept) < 20
    assert kept[-1].startswith("I said 19.")
    assert "Iron bends." in contents[0]
    assert contents[-1].endswith("And now?")


def test_without_room_only_the_present_is_told() -> None:
    prompt = full([Turn("before", "Hm.")], 0)
    assert [message.role for message in prompt.messages] == ["system", "user"]
    assert "before" not in prompt.messages[-1].content


def test_turns_alternate_even_if_an_answer_was_not_heard() -> None:
    prompt = full([Turn("one", ""), Turn("two", "Hm.")], 2000)
    assert [message.role for message in prompt.messages] == [
        "system", "user", "assistant", "user", "assistant", "user",
    ]  # fmt: skip
    assert all(message.content for message in prompt.messages)


def test_the_bundled_characters_fit_the_default_context() -> None:
    for persona in Personas((assets_dir() / "personas",)).all().values():
        system = full([], 2048, persona).messages[0].content
        assert estimate_tokens(system) < 1900
        brief = brief_prompt(TEMPLATES.brief, persona, said="Hi " * 900, line=Line("Good day to you.", "x"))
        assert sum(estimate_tokens(message.content) for message in brief.messages) < 700


def test_the_answer_is_begun_but_never_whole() -> None:
    def opening(line: str) -> str:
        prompt = brief_prompt(TEMPLATES.brief, PERSONA, said="Hi", line=Line(line, "x"))
        assert prompt.messages[-1].role == ("assistant" if prompt.opening else "user")
        return prompt.opening

    assert opening("Good day to you, traveller.") == "Good day to"
    assert opening("Good day.") == "Good"
    assert opening("Hm.") == ""


def test_long_speeches_are_cut_in_the_middle() -> None:
    assert cut_to("a\n b", 10) == "a b"
    assert cut_to("x" * 50 + "y" * 50, 10) == "xxxxx … yyyyy"


@pytest.mark.parametrize(
    ("description", "introduction"),
    [
        ("You are a nervous alchemist. You sell potions.", "I am Jo, a nervous alchemist."),
        ("A ghost", "I am Jo, a ghost."),
        ("She is Jo of Hexham.", "I am Jo of Hexham."),
        ("Lives alone.", "I am Jo."),
        ("", "I am Jo."),
    ],
)
def test_described_characters_can_introduce_themselves(description: str, introduction: str) -> None:
    persona = inline_persona("Jo", description, "", "- Trout is best.\n\n* Eels bite.")
    assert persona.topics[0].says == (introduction,)
    assert persona.knowledge == ("Trout is best.", "Eels bite.")


def test_braces_of_players_are_only_braces() -> None:
    line = Line("Well met, {name}.", "x")
    prompt = brief_prompt(TEMPLATES.brief, PERSONA, said="{line} {0}", line=line)
    assert "{line} {0}" in prompt.messages[-2].content


def test_a_wrong_template_names_its_fault(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"brief\.toml"):
        read_templates(tmp_path)
    for name in ("brief", "full", "intents"):
        (tmp_path / f"{name}.toml").write_text("")
    with pytest.raises(SettingsError, match="system"):
        read_templates(tmp_path)
