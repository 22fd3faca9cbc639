"""Arguments of an action, found in the player's words."""

from collections.abc import Mapping, Sequence
from typing import Any

from vrbridge.generators.language.words import content_stems, stems_of


def narrowed(schema: Mapping[str, Any], said: str, looked_at: Sequence[str]) -> dict[str, Any]:
    """Return a schema whose choices are only those that the player named, or else looks at.

    Args:
        schema: A checked JSON Schema of an object.
        said: The player's words.
        looked_at: Names of what they may mean by "this", likeliest first.
    """
    properties = schema.get("properties")
    if not isinstance(properties, Mapping):
        return dict(schema)
    return dict(schema) | {
        "properties": {name: _narrow(part, said, looked_at) for name, part in properties.items()}
    }


def only_arguments(schema: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the arguments if the schema leaves no choice about those it requires, or None.

    What is not required is left out, unless it has one possible value.
    """
    properties = schema.get("properties") or {}
    required = schema.get("required") or ()
    arguments: dict[str, Any] = {}
    for name in [*required, *(name for name in properties if name not in required)]:
        choices = _choices(properties.get(name))
        if choices is not None and len(choices) == 1:
            arguments[name] = choices[0]
        elif name in required:
            return None
    return arguments


def _narrow(part: object, said: str, looked_at: Sequence[str]) -> object:
    choices = _choices(part)
    if not isinstance(part, Mapping) or choices is None or len(choices) < 2:
        return part
    for text in (said, *looked_at):
        stems = stems_of(text)
        named = [choice for choice in choices if (own := _stems(choice)) and own <= stems]
        if named:
            # Of "sword" and "long sword" the longer name is meant if all of it was said.
            longest = max(len(_stems(choice)) for choice in named)
            kept = [choice for choice in named if len(_stems(choice)) == longest]
            return {key: value for key, value in part.items() if key != "const"} | {"enum": kept}
    return part


def _choices(part: object) -> list[Any] | None:
    if not isinstance(part, Mapping):
        return None
    if "const" in part:
        return [part["const"]]
    choices = part.get("enum")
    return list(choices) if isinstance(choices, list | tuple) else None


def _stems(choice: object) -> set[str]:
    return content_stems(str(choice).replace("_", " ").replace("-", " "))
