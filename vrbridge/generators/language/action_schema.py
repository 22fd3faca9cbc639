"""JSON Schemas of the actions that a scene offers, and arguments that fit them."""

from collections.abc import Mapping
from typing import Any

import jsonschema
import msgspec

MAX_SCHEMA_BYTES = 8192
_MAX_DEPTH = 12
# Regular expressions of strangers can take for ever to match, and so can references that each lead to two
# others.
_REFERENCES = "references are not taken, write it out in its place"
_FORBIDDEN = {
    "$ref": _REFERENCES,
    "$recursiveRef": _REFERENCES,
    "pattern": "regular expressions are not taken, use `enum`",
    "patternProperties": "regular expressions are not taken, use `properties`",
    "$id": "identifiers are not taken",
    "$anchor": "anchors are not taken",
    "$dynamicRef": _REFERENCES,
    "$dynamicAnchor": _REFERENCES,
}


class SchemaError(ValueError):
    """A schema that can't be offered; the text says why."""


def check_schema(schema: Mapping[str, Any]) -> None:
    """Make sure that a schema of arguments can be used.

    Raises:
        SchemaError: If it is too large or deep, no JSON Schema of an object, or could take for ever.
    """
    if len(msgspec.json.encode(schema)) > MAX_SCHEMA_BYTES:
        raise SchemaError(f"a schema has at most {MAX_SCHEMA_BYTES} bytes")
    _check_part(schema, depth=0)
    if schema.get("type", "object") != "object":
        raise SchemaError('the `type` of arguments is "object"')
    try:
        jsonschema.Draft202012Validator.check_schema(dict(schema))
    except jsonschema.SchemaError as error:
        at = ".".join(str(part) for part in error.absolute_path) or "the schema"
        raise SchemaError(f"`{at}` is not valid in a JSON Schema") from error


def _check_part(part: object, *, depth: int, is_names: bool = False) -> None:
    if depth > _MAX_DEPTH:
        raise SchemaError(f"a schema nests at most {_MAX_DEPTH} deep")
    if isinstance(part, Mapping):
        for key, value in part.items():
            if not is_names and key in _FORBIDDEN:
                raise SchemaError(_FORBIDDEN[key])
            if key in {"const", "enum", "default", "examples"} and not is_names:
                continue
            names = not is_names and key in {"properties", "$defs", "definitions", "dependentSchemas"}
            _check_part(value, depth=depth + 1, is_names=names)
    elif isinstance(part, list | tuple):
        for value in part:
            _check_part(value, depth=depth + 1)


def is_valid(arguments: object, schema: Mapping[str, Any]) -> bool:
    """Return whether arguments are an object that fits a checked schema."""
    if not isinstance(arguments, dict):
        return False
    return bool(jsonschema.Draft202012Validator(dict(schema)).is_valid(arguments))


def parse_arguments(text: str) -> object:
    """Return what JSON text says; None if it says nothing, or is no JSON."""
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return None
