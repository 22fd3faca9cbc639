"""What a model streams becomes what a character says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vrbridge.generators.language.speech import Speech, count_sentences


def said(raw: str, *, size: int = 3, max_sentences: int = 6, is_one_line: bool = False) -> str:
    speech = Speech(("Bram",), max_sentences=max_sentences, is_one_line=is_one_line)
    pieces = [speech.feed(raw[i : i + size]) for i in range(0, len(raw), size)]
    pieces.append(speech.finish())
    assert "".join(pieces) == speech.text
    return speech.text


@pytest.mark.parametrize("size", [1, 2, 5, 100])
@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("  Good day. ", "Good day."),
        ("Bram: Good day.", "Good day."),
        ("bram: Assistant: Good day.", "Good day."),
        ('"Good day."', "Good day."),
        ("Brambles grow here.", "Brambles grow here."),
        ("Bram is my name.", "Bram is my name."),
        ("Good day.<|im_end|>\n<|im_start|>user", "Good day."),
        ("Good day.\nPlayer: What?", "Good day."),
        ("Good day.\n\nAnd more", "Good day."),
        ("I cost 3.50 gold. Yes.", "I cost 3.50 gold. Yes."),
        ("I am sorry. I am sorry. I am sorry.", "I am sorry."),
        ("I am old. I am older. I am old.", "I am old. I am older."),
        ("Grüß Gott 🔨!", "Grüß Gott 🔨!"),
        ("", ""),
        ("Bram", "Bram"),
        ("Bram:", ""),
    ],
)
def test_only_the_words_themselves_are_said(raw: str, text: str, size: int) -> None:
    assert said(raw, size=size) == text


@pytest.mark.parametrize("size", [1, 4, 100])
def test_a_turn_ends_after_enough_sentences(size: int) -> None:
    assert said("One. Two! Three? Four.", size=size, max_sentences=2) == "One. Two!"


def test_a_turn_of_one_line_ends_with_it() -> None:
    assert said("One.\nTwo.", is_one_line=True) == "One."
    assert said("One.\nTwo.") == "One.\nTwo."


def test_words_are_not_held_back_longer_than_needed() -> None:
    speech = Speech(("Bram",), max_sentences=3)
    assert speech.feed("Good") == "Good"
    assert speech.feed(" day") == " day"
    assert speech.feed(" ") == ""
    assert speech.feed("to") == " to"


def test_what_comes_after_the_end_is_dropped() -> None:
    speech = Speech((), max_sentences=1)
    assert speech.feed("Done.") == "Done."
    assert speech.has_ended
    assert speech.feed(" More.") == ""
    assert speech.finish() == ""


@given(st.text(alphabet='Bram:. \n"<|a🔨', max_size=60), st.integers(1, 7))
def test_the_size_of_pieces_does_not_matter(raw: str, size: int) -> None:
    assert said(raw, size=size) == said(raw, size=1000)


def test_sentences_are_counted() -> None:
    assert [count_sentences(text) for text in ("", "Hm", "One. Two!", "It is 3.5 m. Yes?")] == [1, 1, 2, 2]


def test_speaking_a_second_time_under_the_same_name_is_another_turn() -> None:
    speech = Speech(("Bram",), max_sentences=6)
    said = "".join(map(speech.feed, ["Bram: Well met.", "\nBr", "am: Back again?"]))
    assert said + speech.finish() == "Well met."
    assert speech.has_ended
