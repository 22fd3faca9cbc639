"""PostgreSQL takes any text, and gives the same back."""

from hypothesis import given
from hypothesis import strategies as st

from vrbridge.memory.postgres_text import kept, original

_ODD = st.text(st.sampled_from("\0\x1001a\n"))


@given(st.text() | _ODD)
def test_any_text_survives_without_a_nul(text: str) -> None:
    assert "\0" not in kept(text)
    assert original(kept(text)) == text


@given(st.text(st.characters(exclude_characters="\0\x10")))
def test_usual_text_can_be_read_in_the_database(text: str) -> None:
    assert kept(text) == text


@given(_ODD, _ODD)
def test_different_texts_stay_different(one: str, other: str) -> None:
    assert (kept(one) == kept(other)) is (one == other)
