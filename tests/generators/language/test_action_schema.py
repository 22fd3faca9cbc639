"""Offered schemas are bounded, and arguments are held to them."""

from typing import Any

import pytest

from vrbridge.generators.language.action_schema import SchemaError, check_schema, is_valid, parse_arguments

GIVE = {
    "type": "object",
    "properties": {"item": {"enum": ["sword", "horseshoe"]}, "count": {"type": "integer", "minimum": 1}},
    "required": ["item"],
    "additionalProperties": False,
}


def nested(depth: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(depth):
        schema = {"type": "object", "properties": {"a": schema}}
    return schema


@pytest.mark.parametrize(
    "schema",
    [
        {},
        GIVE,
        nested(3),
        {"properties": {"$ref": {"type": "string"}}, "default": {"$ref": "#/nothing"}},
        {"properties": {"pattern": {"type": "string"}, "$id": {"enum": [{"$ref": "http://in.data"}]}}},
    ],
)
def test_ordinary_schemas_are_taken(schema: dict[str, Any]) -> None:
    check_schema(schema)


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        ({"type": "string"}, "object"),
        ({"type": "objekt"}, "object"),
        ({"properties": {"a": {"type": "number", "minimum": "low"}}}, "not valid"),
        ({"properties": {"a": {"$ref": "https://example.org/schema"}}}, "references"),
        ({"$ref": "#"}, "references"),
        ({"properties": {"a": {"$ref": "#/default"}}, "default": {"pattern": "(a+)+$"}}, "references"),
        ({"$defs": {"a": {"allOf": [{"$ref": "#/$defs/b"}] * 2}}, "$ref": "#/$defs/a"}, "references"),
        ({"items": [{"$dynamicRef": "#x"}]}, "references"),
        ({"properties": {"a": {"pattern": "(a+)+$"}}}, "regular expressions"),
        ({"allOf": [{"patternProperties": {"a+": {}}}]}, "regular expressions"),
        ({"$id": "https://example.org"}, "identifiers"),
        (nested(20), "deep"),
        ({"description": "x" * 9000}, "bytes"),
    ],
)
def test_others_are_refused_with_a_reason(schema: dict[str, Any], reason: str) -> None:
    with pytest.raises(SchemaError, match=reason):
        check_schema(schema)


@pytest.mark.parametrize(
    ("arguments", "fits"),
    [
        ({"item": "sword"}, True),
        ({"item": "sword", "count": 2}, True),
        ({"item": "shield"}, False),
        ({"item": "sword", "count": 0}, False),
        ({"item": "sword", "more": 1}, False),
        ({}, False),
        ("sword", False),
        (None, False),
    ],
)
def test_arguments_fit_or_they_do_not(arguments: object, fits: bool) -> None:
    assert is_valid(arguments, GIVE) is fits


@pytest.mark.parametrize(("text", "value"), [('{"a": 1}', {"a": 1}), ("{", None), ("", None), ("[1]", [1])])
def test_text_that_is_no_json_says_nothing(text: str, value: object) -> None:
    assert parse_arguments(text) == value
