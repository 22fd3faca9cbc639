"""A character that says what time it is, at an even pace."""

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping
from typing import Any

from vrbridge.jobs.events import Event, Finished, Spoken
from vrbridge.jobs.kind import Asker, Estimate
from vrbridge.protocol.params import DialogueParams, parse_params

_MAX_WORDS = 160


class PacedDialogue:
    """Answers with as many words as `max_tokens` asks for.

    Each word is the moment at which it was made, on the clock of `time.monotonic`, so that a player on the
    same machine can tell how long it was on its way.

    Args:
        words_hz: Words a second of one answer.
    """

    name = "dialogue"

    def __init__(self, words_hz: float) -> None:
        self._words_hz = words_hz
        self._n_running = 0

    def capability(self) -> Mapping[str, Any] | None:
        """Return what `welcome` says; see `Kind.capability`."""
        return {"model": "paced", "origin": "procedural", "license": None, "max_tokens": _MAX_WORDS}

    def check(self, params: Mapping[str, Any], asker: Asker) -> int:
        """Return the number of words; see `Kind.check`."""
        return min(_MAX_WORDS, parse_params(DialogueParams, params).max_tokens or _MAX_WORDS)

    def admit(self, checked: int, asker: Asker) -> Estimate:
        """Every answer begins at once; see `Kind.admit`."""
        return Estimate(0, checked / self._words_hz)

    async def run(self, checked: int, asker: Asker) -> AsyncGenerator[Event, None]:
        """Speak; see `Kind.run`."""
        started = time.monotonic()
        text = ""
        for number in range(1, checked + 1):
            await asyncio.sleep(max(0.0, started + number / self._words_hz - time.monotonic()))
            word = f"{time.monotonic():.6f} "
            text += word
            yield Spoken(word)
        yield Finished(
            {"text": text, "emotion": {"name": "neutral", "score": 1.0}, "finish": "stop", "tokens": checked},
            {"generate_ms": (time.monotonic() - started) * 1e3},
        )
