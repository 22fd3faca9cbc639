"""Texts that are about the same share words, rare ones above all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vrbridge.generators.language.words import Rarity, content_stems, stem, stems_of, words_of


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("swords", "sword"),
        ("opening", "open"),
        ("opened", "opens"),
        ("horse's", "horse"),
        ("story", "stories"),
    ],
)
def test_endings_make_no_difference(one: str, other: str) -> None:
    assert stem(one) == stem(other)


def test_words_are_lower_case_and_keep_apostrophes() -> None:
    assert words_of("Who’s THERE? Größe_2!") == ["who's", "there", "größe", "2"]


def test_fillers_say_nothing_about_the_matter() -> None:
    assert content_stems("Can you tell me about the anvil, please?") == {"anvil"}


def test_rare_words_weigh_more() -> None:
    rarity = Rarity(["what is the mill", "what is the price", "what is the road"])
    query = stems_of("what about the mill")
    assert rarity.likeness(query, stems_of("what is the mill")) > rarity.likeness(
        query, stems_of("what is the price")
    )
    assert rarity.coverage({"mill"}, stems_of("the old mill burned")) == 1.0
    assert rarity.coverage(set(), {"mill"}) == 0.0


@given(st.text(max_size=40), st.text(max_size=40))
def test_likeness_is_symmetric_and_bounded(one: str, other: str) -> None:
    rarity = Rarity([one, other])
    a, b = stems_of(one), stems_of(other)
    assert rarity.likeness(a, b) == pytest.approx(rarity.likeness(b, a))
    assert 0 <= rarity.likeness(a, b) <= 1 + 1e-9
