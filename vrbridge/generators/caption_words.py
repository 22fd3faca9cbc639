"""Which known captions share words with a prompt."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from vrbridge.generators.texture.words import words_of


class CaptionWords:
    """Finds captions by words; rare words count more.

    Args:
        captions: A of them.
        passed_over: Words that say nothing.
    """

    def __init__(self, captions: Sequence[str], passed_over: frozenset[str]) -> None:
        self._n = len(captions)
        self._passed_over = passed_over
        self._with_word = places(stems(caption, passed_over) for caption in captions)
        self._weights: Mapping[str, float] = {
            word: float(np.log(self._n / len(found)) / np.log(max(self._n, 2)))
            for word, found in self._with_word.items()
        }

    def overlap(self, prompt: str) -> NDArray[np.float32]:
        """Return for every caption the share of the prompt's known words that it has: -0.5 for none, to 1."""
        known = [word for word in stems(prompt, self._passed_over) if word in self._weights]
        total = sum(self._weights[word] for word in known)
        found = np.zeros(self._n)
        if total == 0:
            return found.astype(np.float32)
        for word in known:
            found[self._with_word[word]] += self._weights[word]
        return found.astype(np.float32) / np.float32(total) * np.float32(1.5) - np.float32(0.5)


def places(words: Iterable[frozenset[str]]) -> Mapping[str, NDArray[np.int64]]:
    """Return for every word the numbers of the sets that hold it."""
    found: dict[str, list[int]] = {}
    for number, held in enumerate(words):
        for word in held:
            found.setdefault(word, []).append(number)
    return {word: np.array(numbers) for word, numbers in found.items()}


def stems(text: str, passed_over: frozenset[str]) -> frozenset[str]:
    """Return the words of a text in the singular, without some."""
    return frozenset(word for word in map(singular, words_of(text)) if word not in passed_over)


def singular(word: str) -> str:
    """Return a word without its plural s."""
    return word.removesuffix("s") if len(word) > 3 and not word.endswith("ss") else word
