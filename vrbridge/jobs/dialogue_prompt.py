"""What a language model is told before it answers as a character."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from vrbridge.errors import SettingsError
from vrbridge.generators.language.completion import ChatMessage
from vrbridge.generators.language.speech import count_sentences
from vrbridge.generators.language.surroundings import Surroundings, listed, with_article
from vrbridge.generators.language.token_estimate import MESSAGE_TOKENS, estimate_tokens
from vrbridge.jobs.dialogue_lines import Line
from vrbridge.memory.conversations import Turn
from vrbridge.memory.personas import Persona

# Words of the line that the small model's answer begins with: enough that it goes on with this line.
_N_LEADING_WORDS = 3
_MAX_EXAMPLES = 6
# A long speech would only lead a small model astray.
_MAX_BRIEF_CHARACTERS = 240
_MAX_EARLIER = 3
_EARLIER_CHARACTERS = 160


class BriefTemplate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`brief.toml`."""

    system: str
    turn: str
    sample_thing: str
    sample_where: str


class FullTemplate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`full.toml`."""

    system: str
    scene: str
    language: str
    earlier: str


class Templates(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All prompt templates.

    Args:
        brief: For small models.
        full: For others.
        intents: What players say when they want what every character can answer.
    """

    brief: BriefTemplate
    full: FullTemplate
    intents: dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is sent.

    Args:
        messages: The conversation; the assistant's last one, if it is the last, is the answer's beginning.
        opening: How the answer begins already; empty: it is all the model's.
        emotion: What the character feels about it, if that is known before they speak.
        max_sentences: What goes beyond is not worth hearing.
    """

    messages: tuple[ChatMessage, ...]
    opening: str = ""
    emotion: str | None = None
    max_sentences: int = 6


def read_templates(folder: Path) -> Templates:
    """Return the templates of a folder.

    Raises:
        SettingsError: If one is missing or wrong.
    """
    parts = {}
    for name in ("brief", "full", "intents"):
        try:
            parts[name] = tomllib.loads((folder / f"{name}.toml").read_text("utf-8"))
        except (OSError, tomllib.TOMLDecodeError) as error:
            raise SettingsError(f"Can't read the prompt template {name}.toml: {error}.") from error
    try:
        return msgspec.convert(parts, Templates)
    except msgspec.ValidationError as error:
        raise SettingsError(f"The prompt templates: {error}.") from error


def brief_prompt(template: BriefTemplate, persona: Persona, *, said: str, line: Line) -> Prompt:
    """Return a prompt that has a small model say a line.

    A model of 135 million parameters invents names and places when it is left alone, and follows examples
    well; so it gets what to say, examples of saying it, and the first words of its answer.
    """
    messages = [
        ChatMessage(
            "system",
            template.system.format(name=persona.name, description=persona.description, style=persona.style),
        )
    ]
    for asked, answer in _brief_examples(template, persona):
        messages.append(ChatMessage("user", template.turn.format(text=asked, name=persona.name, line=answer)))
        messages.append(ChatMessage("assistant", answer))
    asked = cut_to(said, _MAX_BRIEF_CHARACTERS)
    messages.append(ChatMessage("user", template.turn.format(text=asked, name=persona.name, line=line.text)))
    words = line.text.split()
    opening = " ".join(words[: min(_N_LEADING_WORDS, len(words) - 1)])
    if opening:
        messages.append(ChatMessage("assistant", opening))
    return Prompt(tuple(messages), opening, line.emotion, count_sentences(line.text))


def cut_to(text: str, max_characters: int) -> str:
    """Return a text on one line, cut in its middle if it is longer."""
    line = " ".join(text.split())
    if len(line) <= max_characters:
        return line
    half = max_characters // 2
    return f"{line[:half]} … {line[-half:]}"


def _brief_examples(template: BriefTemplate, persona: Persona) -> list[tuple[str, str]]:
    looked_at = persona.looking[0].format(thing=template.sample_thing, where=template.sample_where)
    examples = [("Good day!", persona.greeting[0]), ("What is this?", looked_at)]
    examples += [(topic.asks[0], topic.says[0]) for topic in persona.topics[1:2] if topic.asks]
    return [*examples, ("Have you seen a ship?", persona.unknown[0])]


def full_prompt(
    template: FullTemplate,
    persona: Persona,
    *,
    said: str,
    around: Surroundings,
    earlier: Sequence[Turn],
    language: str | None,
    max_tokens: int,
) -> Prompt:
    """Return a prompt that tells a model everything.

    Args:
        template: How it is told.
        persona: The character.
        said: What the player says.
        around: What the player sees.
        earlier: Turns before, oldest first.
        language: What to answer in. None: as the player speaks.
        max_tokens: Room for the prompt; the oldest turns go first, and are told in a word if that fits.
    """
    system = ChatMessage("system", _full_system(template, persona))
    last = [_told(template.scene, scene=_scene(around)), said]
    if language:
        last.append(template.language.format(language=language))
    left = max_tokens - _size([system]) - estimate_tokens("\n".join(last)) - 2 * MESSAGE_TOKENS
    kept, left = _fitting(earlier, left)
    for turn in earlier[: len(earlier) - len(kept)][-_MAX_EARLIER:]:
        note = template.earlier.format(said=turn.said[:_EARLIER_CHARACTERS])
        left -= estimate_tokens(note)
        if left < 0:
            break
        last.insert(0, note)
    messages = [system]
    for turn in kept:
        messages.append(ChatMessage("user", turn.said))
        messages.append(ChatMessage("assistant", turn.answer or "…"))
    return Prompt((*messages, ChatMessage("user", "\n".join(filter(None, last)))))


def _full_system(template: FullTemplate, persona: Persona) -> str:
    facts = [*persona.knowledge, *(says for topic in persona.topics for says in topic.says[:1])]
    examples = [f"{persona.name}: {line}" for line in (*persona.greeting, *persona.unknown)]
    return template.system.format(
        name=persona.name,
        description=persona.description,
        style=persona.style,
        knowledge="\n".join(f"- {fact}" for fact in facts) or "- Nothing in particular.",
        examples="\n".join(examples[:_MAX_EXAMPLES]),
    )


def _scene(around: Surroundings) -> str:
    parts = []
    if around.place:
        parts.append(f"Place: {with_article(around.place)}.")
    if around.near:
        near = [f"{with_article(sight.name)} ({sight.where(to_player=False)})" for sight in around.near]
        parts.append(f"Near the player: {listed(near)}.")
    if around.focus is not None:
        parts.append(f"The player looks at {with_article(around.focus.name)}.")
    parts += [f"{name}: {value}." for name, value in around.state]
    return " ".join(parts)


def _told(template: str, *, scene: str) -> str:
    return template.format(scene=scene) if scene else ""


def _fitting(earlier: Sequence[Turn], left: int) -> tuple[list[Turn], int]:
    """Return the latest turns that fit, oldest first, and the room that is left."""
    kept: list[Turn] = []
    for turn in reversed(earlier):
        size = estimate_tokens(turn.said) + estimate_tokens(turn.answer) + 2 * MESSAGE_TOKENS
        if size > left:
            break
        left -= size
        kept.append(turn)
    return kept[::-1], left


def _size(messages: Sequence[ChatMessage]) -> int:
    return sum(estimate_tokens(message.content) + MESSAGE_TOKENS for message in messages)


def inline_persona(name: str, description: str, style: str, knowledge: str | Sequence[str]) -> Persona:
    """Return the character that a request brings along."""
    lines = knowledge.splitlines() if isinstance(knowledge, str) else knowledge
    facts = tuple(fact for line in lines if (fact := line.strip().lstrip("-* ").strip()))
    who = _first_person(name, description)
    topic = {"asks": ["Who are you?", "What is your name?", "Tell me about yourself"], "says": [who]}
    fields: Mapping[str, object] = {
        "name": name,
        "description": description or f"You are {name}.",
        "style": style,
        "knowledge": facts,
        "topics": [topic],
    }
    return msgspec.convert(fields, Persona)


def _first_person(name: str, description: str) -> str:
    """Return how a described character introduces themself."""
    first = description.strip().split(". ")[0].rstrip(".")
    for beginning in ("You are ", "He is ", "She is ", "They are ", f"{name} is ", "I am "):
        if first.startswith(beginning):
            first = first.removeprefix(beginning)
            return f"I am {first}." if name in first else f"I am {name}, {first}."
    if first.lower().startswith(("a ", "an ", "the ")):
        return f"I am {name}, {first[0].lower()}{first[1:]}."
    return f"I am {name}."
