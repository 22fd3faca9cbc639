import pytest

from vrbridge.generators.glossary import english


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("Ziegelmauer", "brick wall"),
        ("alte, bemooste Steinmauer", "old, mossy stone wall"),
        ("kleiner runder Tisch aus Holz", "small round table of wood"),
        ("blaue Schatztruhe", "blue treasure chest"),
        ("Eichentisch", "oak table"),
        ("Dachziegel", "roof tiles"),
        ("rostiges Metall!", "rusty metal!"),
    ],
)
def test_german_is_read_compounds_and_endings_included(prompt: str, expected: str) -> None:
    assert english(prompt) == expected


@pytest.mark.parametrize(
    "prompt",
    [
        "a hell of a tor by the bank",
        "old golden hammer in the sand",
        "better sandstone under the handle",
        "Alter the rotten wagon wheel",
        "",
        "  ",
        "1234 _x_ é",
        "mur de pierre",
    ],
)
def test_everything_else_stays_as_it_is(prompt: str) -> None:
    assert english(prompt) == prompt


def test_pictograms_are_called_by_their_names() -> None:
    assert english("🧱🌿 Mauer").split() == ["brick", "herb", "wall"]
    assert english("🔥").strip() == "fire"


def test_long_nonsense_is_read_quickly() -> None:
    assert english("stein" * 400) == "stein" * 400
