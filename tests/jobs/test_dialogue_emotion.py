"""Feelings follow the words, and never stand in their way."""

from tests.jobs.dialogue_fakes import FakeEmbed
from vrbridge.generators.language.emotion import NAMES, prototypes
from vrbridge.jobs.dialogue_emotion import Feelings


async def test_known_sentences_show_their_emotion() -> None:
    feelings = Feelings(FakeEmbed())
    texts, names = prototypes()
    for text, name in zip(texts, names, strict=True):
        assert await feelings.of(text) == {"name": name, "score": 1.0}


async def test_without_vectors_it_is_the_usual_mood() -> None:
    assert await Feelings(FakeEmbed(is_late=True)).of("Ha!", mood="joy") == {"name": "joy", "score": 0.0}


async def test_silence_shows_nothing() -> None:
    embed = FakeEmbed()
    assert await Feelings(embed).of("  ") == {"name": "neutral", "score": 0.0}
    assert embed.asked == []


async def test_any_text_gives_a_known_name_and_a_score() -> None:
    felt = await Feelings(FakeEmbed()).of("Take the road. Then turn left! " * 9)
    assert felt["name"] in NAMES
    assert isinstance(felt["score"], float)
    assert 0 <= felt["score"] <= 1
