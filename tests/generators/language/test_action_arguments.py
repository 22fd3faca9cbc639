"""Arguments are found in the player's words where they are there."""

from typing import Any

import pytest

from vrbridge.generators.language.action_arguments import narrowed, only_arguments, repaired

ITEM = {"enum": ["sword", "long_sword", "horseshoe"]}


def give(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


@pytest.mark.parametrize(
    ("said", "looked_at", "choices"),
    [
        ("Please hand me that sword.", [], ["sword"]),
        ("I want the long sword", [], ["long_sword"]),
        ("A sword or a horseshoe?", [], ["sword", "horseshoe"]),
        ("Give me that!", ["horseshoe"], ["horseshoe"]),
        ("Give me the sword", ["horseshoe"], ["sword"]),
        ("Give me something", [], ["sword", "long_sword", "horseshoe"]),
    ],
)
def test_choices_are_what_was_named_or_looked_at(said: str, looked_at: list[str], choices: list[str]) -> None:
    assert narrowed(give(item=ITEM), said, looked_at)["properties"]["item"]["enum"] == choices


@pytest.mark.parametrize(("said", "value"), [("Switch it on", [True]), ("Turn the lamp off", [False])])
def test_switches_follow_the_words(said: str, value: list[bool]) -> None:
    assert narrowed(give(on={"type": "boolean"}), said, [])["properties"]["on"]["enum"] == value


def test_other_schemas_stay_as_they_are() -> None:
    for schema in ({}, {"properties": True}, give(name={"type": "string"}, flag={"type": "boolean"})):
        assert narrowed(schema, "on with the sword", []) == schema


def test_arguments_without_choice_are_known() -> None:
    assert only_arguments(give(item={"enum": ["sword"]}, kind={"const": 3})) == {"item": "sword", "kind": 3}
    assert only_arguments({}) == {}
    assert only_arguments({"properties": {"note": {"type": "string"}}}) == {}
    assert only_arguments(give(item=ITEM)) is None
    assert only_arguments({"required": ["item"]}) is None


def test_numbers_come_into_their_range() -> None:
    schema = give(
        count={"type": "integer", "minimum": 1, "maximum": 9}, far_m={"type": "number", "maximum": 2.5}
    )
    assert repaired({"count": 40, "far_m": 7, "x": 1}, schema) == {"count": 9, "far_m": 2.5, "x": 1}
    assert repaired({"count": 3.0}, schema) == {"count": 3}
    assert repaired("nothing", schema) == "nothing"
    assert repaired({"count": True}, schema) == {"count": True}
