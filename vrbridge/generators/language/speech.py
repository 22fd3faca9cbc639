"""Turns the raw pieces of a language model into what a character says, while they stream."""

import re
from collections.abc import Sequence

# How models of several families end a turn, and how they go on playing the other part.
_ENDS = ("<|", "</s>", "<end_of_turn>", "[INST]", "\n\n", "\nPlayer:", "\nUser:", "\nTraveller:", "\n(")
_SENTENCE_END = re.compile(r"[.!?…。！？]+[\"'”’)*]*(?=\s|$)")
_OPENINGS = "\"“'‘* \t\r\n"
_BLANKS = " \t\r\n"
_COMMON_LABELS = ("Answer", "Assistant", "Character", "NPC", "Reply", "Response")


def count_sentences(text: str) -> int:
    """Return the number of sentences, at least 1."""
    return max(1, len(_SENTENCE_END.findall(text)))


class Speech:
    """Takes pieces and gives back what may be said; stops at the end of the turn, or when it repeats itself.

    Args:
        labels: Names that a model may put before its words, such as `Bram` in `Bram: Good day`.
        max_sentences: The turn ends after so many.
        is_one_line: Whether a line break ends the turn.
    """

    def __init__(self, labels: Sequence[str], *, max_sentences: int, is_one_line: bool = False) -> None:
        self._labels = tuple(f"{label.lower()}:" for label in (*labels, *_COMMON_LABELS) if label)
        self._limit = _Sentences(max_sentences)
        # A model that speaks for the character a second time begins another turn.
        again = tuple(f"\n{label}:" for label in labels if label)
        self._ends = ("\n", *_ENDS) if is_one_line else (*_ENDS, *again)
        self._pending = ""
        self._is_begun = False
        self._parts: list[str] = []
        self._has_ended = False
        self._is_quoted = False

    @property
    def text(self) -> str:
        """All that was said."""
        return "".join(self._parts)

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will be said, whatever comes."""
        return self._has_ended

    @property
    def _closings(self) -> str:
        """What may turn out to be the end of the turn and not a part of the words."""
        return _BLANKS + '"”' if self._is_quoted else _BLANKS

    def feed(self, piece: str) -> str:
        """Return what can be said now, possibly nothing."""
        if self._has_ended:
            return ""
        self._pending += piece
        if not self._is_begun and not self._begin(is_last=False):
            return ""
        return self._say(is_last=False)

    def finish(self) -> str:
        """Return what was held back."""
        if self._has_ended:
            return ""
        if not self._is_begun:
            self._begin(is_last=True)
        rest = self._say(is_last=True)
        self._has_ended = True
        return rest

    def _begin(self, *, is_last: bool) -> bool:
        """Drop what does not belong to the words themselves; return whether that can be told already."""
        while True:
            stripped = self._pending.lstrip(_OPENINGS)
            self._is_quoted |= any(
                mark in self._pending[: len(self._pending) - len(stripped)] for mark in '"“'
            )
            lowered = stripped.lower()
            label = next((label for label in self._labels if lowered.startswith(label)), None)
            if label is None:
                break
            self._pending = stripped[len(label) :]
        self._pending = stripped
        could_be_label = any(label.startswith(lowered) for label in self._labels)
        if not is_last and (not stripped or could_be_label):
            return False
        self._is_begun = True
        return True

    def _say(self, *, is_last: bool) -> str:
        text, self._pending = self._pending, ""
        end = min((at for mark in self._ends if (at := text.find(mark)) >= 0), default=-1)
        if end >= 0:
            text, self._has_ended = text[:end], True
        elif not is_last:
            held = max((_overhang(text, mark) for mark in self._ends), default=0)
            # What stands before a possible end goes with it.
            begun = text[: len(text) - held].rstrip(self._closings)
            text, self._pending = begun, text[len(begun) :]
        said = self._limit.pass_on(text, is_last=is_last or self._has_ended)
        self._has_ended |= self._limit.are_over
        if is_last or self._has_ended:
            said = said.rstrip(self._closings)
        self._parts.append(said)
        return said


class _Sentences:
    """Lets sentences through until one repeats an earlier one, or there are enough.

    What could still become a repetition is held back until it differs.
    """

    def __init__(self, max_sentences: int) -> None:
        self._max_sentences = max_sentences
        self._known: list[str] = []
        self._current = ""
        self._n_shown = 0
        self.are_over = False

    def pass_on(self, text: str, *, is_last: bool) -> str:
        """Return what can be said of this text and of what was held back."""
        said: list[str] = []
        self._current += text
        while not self.are_over and (match := _SENTENCE_END.search(self._current)):
            is_final = len(self._known) + 1 >= self._max_sentences
            if match.end() == len(self._current) and not (is_last or is_final):
                break
            said.append(self._close(match.end()))
        if not self.are_over:
            said.append(self._show(is_last=is_last))
        return "".join(said)

    def _close(self, end: int) -> str:
        sentence, self._current = self._current[:end], self._current[end:]
        n_shown, self._n_shown = self._n_shown, 0
        normal = _normal(sentence)
        if normal in self._known:
            self.are_over = True
            return ""
        self._known.append(normal)
        self.are_over = len(self._known) >= self._max_sentences
        return sentence[n_shown:]

    def _show(self, *, is_last: bool) -> str:
        normal = _normal(self._current)
        if self._n_shown == 0 and any(known.startswith(normal) for known in self._known):
            return self._current if is_last and not normal else ""
        shown, self._n_shown = self._current[self._n_shown :], len(self._current)
        return shown


def _normal(sentence: str) -> str:
    return " ".join(sentence.lower().split())


def _overhang(text: str, mark: str) -> int:
    """Return how many characters at the end of a text are the beginning of a mark."""
    for length in range(min(len(mark) - 1, len(text)), 0, -1):
        if text.endswith(mark[:length]):
            return length
    return 0
