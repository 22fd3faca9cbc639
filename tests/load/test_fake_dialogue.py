"""A character that says what time it is."""

import time

import pytest

from vrbridge.bench.fake_dialogue import PacedDialogue
from vrbridge.errors import InvalidParams
from vrbridge.jobs.events import Finished, Spoken
from vrbridge.jobs.kind import Asker

ASKER = Asker("session", "player", 1)
LINE = {"npc": "merchant", "text": "Hello"}


async def test_each_word_is_the_moment_at_which_it_was_made() -> None:
    kind = PacedDialogue(words_hz=200)
    words = []
    started = time.monotonic()
    async for event in kind.run(kind.check(LINE | {"max_tokens": 5}, ASKER), ASKER):
        if isinstance(event, Spoken):
            words.append(float(event.text))
            assert started - 1e-5 <= words[-1] <= time.monotonic() + 1e-5
        else:
            assert isinstance(event, Finished)
            assert [float(word) for word in event.result["text"].split()] == words
    assert len(words) == 5
    # Words come no sooner than their pace allows.
    for number, at in enumerate(words, 1):
        assert at >= started + number / 200 - 1e-3


def test_an_answer_without_a_length_is_as_long_as_it_may_be_and_bad_params_are_refused() -> None:
    kind = PacedDialogue(words_hz=12)
    assert kind.check(LINE, ASKER) == 160
    assert kind.check(LINE | {"max_tokens": 2000}, ASKER) == 160
    assert kind.admit(24, ASKER).eta_s == 2
    with pytest.raises(InvalidParams):
        kind.check({"npc": "merchant"}, ASKER)
