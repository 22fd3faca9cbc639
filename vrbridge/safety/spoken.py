"""The verdict on text that is still being written."""

from vrbridge.safety.rules import SafetyRules
from vrbridge.safety.words import words


class SpokenCheck:
    """Lets an answer through piece by piece, until it becomes one that is refused.

    A word at the end may go on in the next piece ("dam", "damage"). It is let through at once unless it
    would be refused as it stands; then it waits for its end.

    Args:
        rules: The rules.
        field: Of the answer, for the error.
    """

    def __init__(self, rules: SafetyRules, field: str) -> None:
        self._rules = rules
        self._field = field
        self._max_words = rules.max_words
        # What was let through and still decides about what follows.
        self._past = ""
        self._held = ""

    def pass_on(self, piece: str) -> str:
        """Return what may be shown after this piece: mostly the piece itself.

        Raises:
            Refused: If the answer became one that is refused.
        """
        text = self._past + self._held + piece
        if self._rules.verdict(words(text)) is None:
            shown = self._held + piece
            self._held = ""
            self._past = self._recent(text)
            return shown
        finished, open_word = _split(text)
        self._rules.check(finished, self._field)
        if not open_word:
            raise AssertionError("a refused text without an open word was not refused")
        shown_until = max(len(finished), len(self._past))
        shown = text[len(self._past) : shown_until]
        self._past, self._held = text[:shown_until], text[shown_until:]
        return shown

    def finish(self) -> str:
        """Return what was held back, at the end of the answer.

        Raises:
            Refused: If the answer is one that is refused as it ends.
        """
        self._rules.check(self._past + self._held, self._field)
        held, self._held = self._held, ""
        return held

    def _recent(self, text: str) -> str:
        """Cut at a space, so that no word loses its beginning."""
        parts = text.split(" ")
        return " ".join(parts[-self._max_words - 1 :])


def _split(text: str) -> tuple[str, str]:
    """Return the finished words and the one that may go on."""
    end = len(text)
    while end and (text[end - 1].isalnum() or text[end - 1] in "@$!+|"):
        end -= 1
    return text[:end], text[end:]
