"""The Godot addon's source, as far as it can be judged without the engine."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from gdtoolkit.parser import parser  # type: ignore[import-untyped]  # it has no types
from lark import Token, Tree

ADDON = Path(__file__).parents[2] / "engine_clients" / "godot" / "addons" / "vrbridge"
PROJECT = ADDON.parents[1]
SCRIPTS = sorted(PROJECT.rglob("*.gd"))
_MAX_LINES = 400
_UNTYPED = re.compile(r"(class_var|func_var|const|func_arg)_(assigned|inf|empty|regular)|for_stmt")
_HEADERS = {"func_header", "lambda_header"}
_PUBLIC = re.compile(r"^(static )?(func|var|signal|enum|const) ([a-zA-Z]\w*)|^@export.* var (\w+)")


def _id(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


def _nodes(tree: Tree[Token]) -> Iterator[Tree[Token]]:
    yield tree
    for child in tree.children:
        if isinstance(child, Tree):
            yield from _nodes(child)


@pytest.mark.parametrize("script", SCRIPTS, ids=_id)
def test_everything_is_typed_and_nothing_is_inferred(script: Path) -> None:
    tree = parser.parse(script.read_text(), gather_metadata=True)
    nodes = list(_nodes(tree))
    untyped = [f"line {node.meta.line}: {node.data}" for node in nodes if _UNTYPED.fullmatch(node.data)]
    untyped += [
        f"line {node.meta.line}: no return type"
        for node in nodes
        if node.data in _HEADERS and not isinstance(node.children[-1], Token)
    ]
    assert not untyped


@pytest.mark.parametrize("script", sorted(ADDON.rglob("*.gd")), ids=_id)
def test_what_users_see_of_the_addon_is_documented(script: Path) -> None:
    lines = script.read_text().splitlines()
    bare = []
    for number, line in enumerate(lines):
        found = _PUBLIC.match(line)
        if found is None:
            continue
        above = number - 1
        while lines[above].startswith("@"):
            above -= 1
        if not lines[above].startswith("##") and not _is_listed(lines, above):
            bare.append(line)
    assert not bare


def _is_listed(lines: list[str], above: int) -> bool:
    """Whether the line above is a constant of a list whose first one says what they are."""
    return lines[above].startswith("const ")


@pytest.mark.parametrize("script", sorted(ADDON.rglob("*.gd")), ids=_id)
def test_classes_carry_the_prefix_and_files_stay_short(script: Path) -> None:
    text = script.read_text()
    name = re.search(r"^class_name (\w+)", text, re.MULTILINE)
    assert name is None or name[1].startswith("VRBridge")
    assert len(text.splitlines()) <= _MAX_LINES
    assert not re.search(r"^\s+print\(", text, re.MULTILINE)


@pytest.mark.parametrize("script", SCRIPTS, ids=_id)
def test_nothing_is_used_that_the_oldest_engine_lacks(script: Path) -> None:
    """Typed dictionaries, and packed arrays of vectors out of bytes, came after 4.3."""
    assert not re.findall(r"Dictionary\[|\.to_(?:vector\d|color)_array", script.read_text())


def test_the_addon_needs_nothing_of_the_demo() -> None:
    for script in ADDON.rglob("*.gd"):
        for path in re.findall(r"res://[\w/.]+", script.read_text()):
            assert path.startswith("res://addons/vrbridge/")
            assert (PROJECT / path.removeprefix("res://")).exists(), path
