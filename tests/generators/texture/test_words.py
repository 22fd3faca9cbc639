import pytest

from vrbridge.generators.texture.overlays import OVERLAYS
from vrbridge.generators.texture.parametric import FAMILIES
from vrbridge.generators.texture.words import STATE_WORDS, STATES_WITHIN, states_of, words_of


def test_every_state_can_be_drawn() -> None:
    assert set(STATE_WORDS) == set(OVERLAYS)
    assert set(STATES_WITHIN) <= set(FAMILIES)


@pytest.mark.parametrize(
    ("prompt", "family", "states"),
    [
        ("an overgrown, cracked wall", "plaster", ("cracked", "mossy")),
        ("rusty iron", "rust", ()),
        ("Wet Stones", "gravel", ("wet",)),
        ("plain wall", "brick", ()),
        ("frozen bricks", "brick", ("frozen",)),
        ("snowy bricks in winter", "brick", ("snowy",)),
        ("frozen water", "water", ()),
    ],
)
def test_states_are_read_from_words(prompt: str, family: str, states: tuple[str, ...]) -> None:
    assert states_of(words_of(prompt), family) == states
