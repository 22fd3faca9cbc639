"""Words as the rules see them."""

from hypothesis import given
from hypothesis import strategies as st

from vrbridge.safety.words import fold, words


def test_case_accents_invisible_characters_and_look_alikes_are_undone() -> None:
    assert fold("ÀÉÎ") == "aei"
    assert fold("a\u200bb\u00adc\u2060d") == "abcd"
    assert fold("\u0430\u0435\u043e") == "aeo"
    assert fold("ＷＩＤＥ\n") == "wide\n"


def test_digits_are_read_as_letters_only_inside_words() -> None:
    assert "boots" in words("b00t5")[0]
    assert "l00t" in words("l00t")[0]
    assert words("1000")[0] == {"1000"}


def test_a_one_is_an_i_or_an_l() -> None:
    assert {"kiln", "klln"} <= words("k1ln")[0]


def test_stretched_letters_have_their_short_forms() -> None:
    assert {"soooon", "soon", "son"} <= words("soooon")[0]


def test_plurals_include_their_singular_and_short_words_stay() -> None:
    assert words("swords")[0] == {"swords", "sword"}
    assert words("gas")[0] == {"gas"}
    assert words("glass")[0] == {"glass"}


def test_letters_spelled_out_are_one_word_but_a_few_initials_are_not() -> None:
    assert [min(word) for word in words("a s.w-o r d here")] == ["asword", "here"]
    assert len(words("J R R Tolkien")) == 4


@given(st.text(max_size=200))
def test_any_text_gives_words_of_at_least_one_character(text: str) -> None:
    for word in words(text):
        assert word
        assert all(word)


@given(st.text(st.characters(max_codepoint=127)))
def test_plain_text_is_folded_as_any_other(text: str) -> None:
    assert fold(text) == fold(text + "é").removesuffix("e")
