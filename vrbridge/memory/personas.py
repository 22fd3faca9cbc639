"""Characters: who they are, what they know, and how they say it."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from vrbridge.errors import SettingsError

Lines = Annotated[tuple[Annotated[str, Meta(min_length=1, max_length=400)], ...], Meta(min_length=1)]
Asks = tuple[Annotated[str, Meta(min_length=1, max_length=200)], ...]


class Topic(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Something that a character can talk about.

    Args:
        asks: What players say when they want to hear it.
        says: What the character says, in their own words; one of them is chosen.
        emotion: What they feel when the words themselves don't show it. None: their usual mood.
    """

    asks: Asks
    says: Lines
    emotion: str | None = None


class Persona(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One character.

    Args:
        name: As others call them.
        description: Who they are, in one or two sentences that begin with "You are".
        style: How they speak.
        knowledge: Facts, one a line, in the character's own words.
        topics: What they are asked about most.
        greeting: Answers to a greeting.
        farewell: Answers to a goodbye.
        thanks: Answers to thanks.
        listening: Answers when the player tells something about themself.
        unknown: What they say about what they know nothing of.
        looking: About what the player looks at; `{thing}` and `{where}` are filled in.
        seeing: About everything near; `{things}` is filled in.
        empty: When nothing is near.
        agreeing: When they do what the player asked for.
        remembering: What the player said earlier; `{said}` is filled in.
        emotion: Their mood when a text shows none.
    """

    name: str
    description: str = ""
    style: str = ""
    knowledge: tuple[str, ...] = ()
    topics: tuple[Topic, ...] = ()
    greeting: Lines = ("Hello there.",)
    farewell: Lines = ("Goodbye, and take care.",)
    thanks: Lines = ("You are welcome.",)
    listening: Lines = ("I will remember that.",)
    unknown: Lines = ("I can't tell you much about that.",)
    looking: Lines = ("That is the {thing}, {where}.",)
    seeing: Lines = ("I see {things}.",)
    empty: Lines = ("There is nothing much around us here.",)
    agreeing: Lines = ("Very well, I will do that.",)
    remembering: Lines = ('You told me: "{said}"',)
    emotion: str = "neutral"


class Personas:
    """Reads characters from folders; a later folder wins.

    Args:
        folders: Each holds one TOML file a character, named like the `npc` of requests.

    Raises:
        SettingsError: If a bundled file is wrong, or a user's file can't be used.
    """

    def __init__(self, folders: tuple[Path, ...]) -> None:
        self._personas: dict[str, Persona] = {}
        for folder in folders:
            if not folder.is_dir():
                raise SettingsError(f"There is no folder of personas called {folder.name!r}.")
            for file in sorted(folder.glob("*.toml")):
                self._personas[file.stem] = read_persona(file)

    @property
    def names(self) -> tuple[str, ...]:
        """All known characters, as requests name them."""
        return tuple(sorted(self._personas))

    def get(self, npc: str) -> Persona | None:
        """Return a character, or None if nobody is called so."""
        return self._personas.get(npc)

    def all(self) -> Mapping[str, Persona]:
        """Return all characters by the name in requests."""
        return dict(self._personas)


def read_persona(file: Path) -> Persona:
    """Return the character of a file.

    Raises:
        SettingsError: If it can't be read, or a field is unknown, missing or of the wrong type.
    """
    try:
        persona = msgspec.convert(tomllib.loads(file.read_text("utf-8")), Persona)
        _fill_in(persona)
        return persona
    except OSError as error:
        raise SettingsError(f"Can't read the persona {file.name}: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"The persona {file.name} is not valid TOML: {error}.") from error
    except msgspec.ValidationError as error:
        raise SettingsError(f"The persona {file.name}: {error}.") from error
    except (KeyError, IndexError, ValueError) as error:
        raise SettingsError(f"The persona {file.name}: a line can't be filled in: {error}.") from error


def _fill_in(persona: Persona) -> None:
    """Raise what `format` raises if a line names something that it does not get."""
    for line in persona.looking:
        line.format(thing="", where="")
    for line in persona.seeing:
        line.format(things="")
    for line in persona.remembering:
        line.format(said="")
