"""How much two short texts have in common, by their words."""

import math
import re
from collections import Counter
from collections.abc import Iterable

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_ENDINGS = ("ings", "ing", "ies", "ed", "es", "s", "e", "y")
_MIN_STEM = 3
# Words that say nothing about what a sentence is about.
FILLERS = frozenset(
    _WORD.findall(
        "a an the of to in on at for with and or but is are was were be been am do does did have has had i"
        " you he she it we they me my your his her its our their this that these those there here please can"
        " could would will shall should may might just so very what's that's it's i'm you're don't about as"
        " by from if not tell know want like some any thing all more much"
    )
)


def words_of(text: str) -> list[str]:
    """Return the words, lower case, in order."""
    return [word.replace("’", "'") for word in _WORD.findall(text.lower())]


def stem(word: str) -> str:
    """Return a word without its commonest English endings; other languages lose little."""
    word = word.removesuffix("'s")
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _MIN_STEM:
            return word[: -len(ending)]
    return word


def stems_of(text: str) -> set[str]:
    """Return the stems of all words."""
    return {stem(word) for word in words_of(text)}


def content_stems(text: str) -> set[str]:
    """Return the stems of the words that say what a text is about."""
    return {stem(word) for word in words_of(text) if word not in FILLERS}


class Rarity:
    """Weighs words by how few of some texts they are in.

    Args:
        texts: What to count in.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        sets = [stems_of(text) for text in texts]
        self._n_texts = len(sets)
        self._counts = Counter(stem for stems in sets for stem in stems)

    def weight(self, stems: Iterable[str]) -> float:
        """Return the summed weights; a word in no text weighs most."""
        return sum(math.log1p(self._n_texts / (self._counts[stem] or 0.5)) for stem in stems)

    def likeness(self, one: set[str], other: set[str]) -> float:
        """Return 0–1: the shared part of the words of both (Dice)."""
        total = self.weight(one) + self.weight(other)
        return 2 * self.weight(one & other) / total if total else 0.0

    def coverage(self, wanted: set[str], text: set[str]) -> float:
        """Return 0–1: the part of the wanted words that a text has."""
        total = self.weight(wanted)
        return self.weight(wanted & text) / total if total else 0.0
