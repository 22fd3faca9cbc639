"""Characters come from files, and a wrong file says what is wrong with it."""

from pathlib import Path

import pytest

from vrbridge.errors import SettingsError
from vrbridge.memory.personas import Personas, read_persona
from vrbridge.settings import assets_dir


def test_the_bundled_characters_are_distinct_and_whole() -> None:
    personas = Personas((assets_dir() / "personas",))
    assert {"blacksmith", "ship_computer", "museum_guide", "merchant"} <= set(personas.names)
    found = list(personas.all().values())
    assert len({persona.name for persona in found}) == len(found)
    lines = [line for persona in found for topic in persona.topics for line in topic.says]
    assert len(set(lines)) == len(lines)
    for persona in found:
        assert persona.description.startswith(f"You are {persona.name}")
        assert len(persona.topics) >= 12
        assert persona.knowledge


def test_the_folder_of_the_user_wins(tmp_path: Path) -> None:
    (tmp_path / "blacksmith.toml").write_text('name = "Wieland"')
    (tmp_path / "ghost.toml").write_text('name = "Boo"\n[[topics]]\nasks = ["Who?"]\nsays = ["Boo."]')
    personas = Personas((assets_dir() / "personas", tmp_path))
    smith = personas.get("blacksmith")
    assert smith is not None
    assert smith.name == "Wieland"
    assert "ghost" in personas.names
    assert personas.get("nobody_we_know") is None


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("name = ", "TOML"),
        ("description = 'no name'", "name"),
        ("name = 'A'\nstile = 'wrong'", "stile"),
        ("name = 'A'\ngreeting = 'not a list'", "greeting"),
        ("name = 'A'\nunknown = []", "unknown"),
        ("name = 'A'\nlooking = ['A {colour} {thing}.']", "colour"),
        ("name = 'A'\nseeing = ['{']", "filled in"),
        ("name = 'A'\n[[topics]]\nasks = ['Who?']", "says"),
    ],
)
def test_a_wrong_file_names_its_fault(tmp_path: Path, content: str, reason: str) -> None:
    file = tmp_path / "odd.toml"
    file.write_text(content)
    with pytest.raises(SettingsError, match=reason) as caught:
        read_persona(file)
    assert "odd.toml" in caught.value.message
    assert str(tmp_path) not in caught.value.message


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="nowhere"):
        Personas((tmp_path / "nowhere",))
