"""The list of terms as a file."""

from pathlib import Path

import pytest

from vrbridge.errors import SettingsError
from vrbridge.safety.terms import load_terms
from vrbridge.settings import assets_dir


def test_the_bundled_list_has_a_message_for_every_category() -> None:
    categories = load_terms(assets_dir() / "safety" / "terms.toml")
    names = [category.name for category in categories]
    assert len(set(names)) == len(names) > 5
    for category in categories:
        assert category.message.endswith(".")
        assert category.phrases or category.together
        for rule in category.together:
            assert len(rule.groups) > 1
            assert all(rule.groups)


@pytest.mark.parametrize(
    "text", ["category = 3", "[[category]]\nname = 'x'", "not toml", "[[category]]\nnmae = 'x'"]
)
def test_a_damaged_list_is_said_to_be_damaged(tmp_path: Path, text: str) -> None:
    file = tmp_path / "terms.toml"
    file.write_text(text)
    with pytest.raises(SettingsError, match=r"terms\.toml is damaged"):
        load_terms(file)


def test_a_missing_list_is_an_error_and_not_an_open_door(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="Can't read"):
        load_terms(tmp_path / "terms.toml")
