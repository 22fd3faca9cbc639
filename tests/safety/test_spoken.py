"""Verdicts on growing text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vrbridge.errors import Refused
from vrbridge.safety.rules import SafetyRules
from vrbridge.safety.spoken import SpokenCheck
from vrbridge.safety.terms import Category, Together
from vrbridge.settings import SafetySettings, assets_dir

RULES = SafetyRules(
    SafetySettings(),
    [
        Category(name="word", message="No.", phrases=("ham", "swan egg")),
        Category(name="pair", message="No.", together=(Together(groups=(("boil",), ("frog",)), within=2),)),
    ],
)


def test_allowed_pieces_pass_unchanged_and_at_once() -> None:
    check = SpokenCheck(RULES, "text")
    pieces = ["I am", " the smi", "th of", " this village", ". Welcome!"]
    assert [check.pass_on(piece) for piece in pieces] == pieces
    assert check.finish() == ""


def test_a_word_that_may_go_on_waits_and_then_passes() -> None:
    check = SpokenCheck(RULES, "text")
    assert check.pass_on("Take the ham") == "Take the "
    assert check.pass_on("mer") == "hammer"
    assert check.pass_on(" now") == " now"


def test_a_refused_word_never_gets_out_whole() -> None:
    check = SpokenCheck(RULES, "text")
    shown = check.pass_on("Eat h") + check.pass_on("am")
    with pytest.raises(Refused) as caught:
        check.pass_on(".")
    assert caught.value.field == "text"
    assert shown == "Eat h"


def test_the_last_word_is_judged_at_the_end() -> None:
    check = SpokenCheck(RULES, "text")
    assert check.pass_on("Eat ham") == "Eat "
    with pytest.raises(Refused):
        check.finish()


@pytest.mark.parametrize(
    ("pieces", "last"),
    [(["a swan", " e"], "gg "), (["boil a", " fr", "og"], " "), (["frog", "s to bo", "il"], ".")],
)
def test_phrases_are_found_across_pieces(pieces: list[str], last: str) -> None:
    check = SpokenCheck(RULES, "text")
    for piece in pieces:
        check.pass_on(piece)
    with pytest.raises(Refused):
        check.pass_on(last)


@given(
    st.lists(
        st.sampled_from(["ham", "hammer", "egg", "swan", " ", ".", "frog", "boil", "s", "a "]), max_size=30
    )
)
def test_pieces_are_judged_as_the_whole_and_arrive_as_the_whole(pieces: list[str]) -> None:
    text = "".join(pieces)
    check = SpokenCheck(RULES, "text")
    shown = ""
    try:
        for piece in pieces:
            shown += check.pass_on(piece)
        shown += check.finish()
        refused = False
    except Refused:
        refused = True
    try:
        RULES.check(text, "text")
        assert not refused
        assert shown == text
    except Refused:
        assert refused
        assert text.startswith(shown)
        RULES.check(shown + "x" if shown[-1:].isalnum() else shown, "text")


def test_a_long_answer_is_judged_by_its_last_words_only() -> None:
    rules = SafetyRules.load(SafetySettings(), assets_dir())
    check = SpokenCheck(rules, "text")
    for _ in range(400):
        assert check.pass_on("the smith looks up. ") == "the smith looks up. "
    assert len(check._past) < 400
