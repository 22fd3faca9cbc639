"""Arguments of an action, found in the player's words."""

from collections.abc import Mapping, Sequence
from typing import Any

from vrbridge.generators.language.words import content_stems, stems_of, words_of

_SWITCHES = frozenset(("on", "enabled", "active", "lit", "open", "running"))
_ON = frozenset(("on", "light", "start", "open", "activate", "enable"))
_OFF = frozenset(("off", "out", "stop", "close", "shut", "deactivate", "disable", "extinguish"))


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
        "properties": {name: _narrow(name, part, said, looked_at) for name, part in properties.items()}
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


def repaired(arguments: object, schema: Mapping[str, Any]) -> object:
    """Return arguments with numbers brought into their range, which grammars can't bound.

    What is not an object stays as it is.
    """
    properties = schema.get("properties")
    if not isinstance(arguments, dict) or not isinstance(properties, Mapping):
        return arguments
    return {name: _into_range(value, properties.get(name)) for name, value in arguments.items()}


def _into_range(value: object, part: object) -> object:
    if not isinstance(value, int | float) or isinstance(value, bool) or not isinstance(part, Mapping):
        return value
    low, high = part.get("minimum"), part.get("maximum")
    if isinstance(low, int | float) and value < low:
        value = low
    if isinstance(high, int | float) and value > high:
        value = high
    is_whole = part.get("type") == "integer" and float(value).is_integer()
    return int(value) if is_whole else value


def _narrow(name: str, part: object, said: str, looked_at: Sequence[str]) -> object:
    if isinstance(part, Mapping) and part.get("type") == "boolean":
        words = set(words_of(said))
        if name.lower() in _SWITCHES and words & (_OFF | _ON):
            return dict(part) | {"enum": [not words & _OFF]}
        return part
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
