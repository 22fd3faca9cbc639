from pathlib import Path

import pytest

from vrbridge.errors import SettingsError
from vrbridge.training.evaluation.prompts import read_prompts


def test_the_bundled_list_has_sixty_different_prompts() -> None:
    prompts = read_prompts()
    assert len(set(prompts)) == len(prompts) == 60
    words = set(" ".join(prompts).lower().split())
    assert words >= {"dark", "green", "reddish", "moss", "rusty", "wet", "cracked", "worn", "frozen", "burnt"}
    assert words >= {"brick", "planks", "cobblestone", "tiles", "patches"}
    assert all(len(prompt) <= 45 for prompt in prompts)


def test_own_prompts_keep_their_order(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text("b = ['red bricks', 'moss']\na = ['gold']\n")
    assert read_prompts(file) == ["red bricks", "moss", "gold"]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("a = 'no list'", "TOML of groups"),
        ("a = [1]", "TOML of groups"),
        ("not toml", "TOML of groups"),
        ("", "no prompts"),
        ("a = ['moss', ' ']", "empty ones"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, text: str, complaint: str) -> None:
    file = tmp_path / "own.toml"
    file.write_text(text)
    with pytest.raises(SettingsError, match=complaint):
        read_prompts(file)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.toml"):
        read_prompts(tmp_path / "none.toml")
