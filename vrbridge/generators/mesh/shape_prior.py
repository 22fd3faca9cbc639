"""From words to the code of a shape: near the codes of known shapes, never far from all of them."""

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vrbridge.generators.caption_words import CaptionWords, places, singular
from vrbridge.generators.texture.words import words_of

_STOP_WORDS = frozenset(
    {
        "a", "an", "the", "of", "with", "and", "in", "on", "at", "some", "very", "it", "is", "like", "made",
        "from", "for", "to", "model", "object", "thing", "prop", "one", "two",
    }
)  # fmt: skip
_WORD_BONUS = 0.2
# What a thing is called outweighs what it is made of.
_HEAD_BONUS = 0.22
_N_NEAREST = 8
_NEAR = 0.12
_SHARPNESS = 26.0
_EVEN_SCORE = 0.62
_SCORE_WIDTH = 0.08
_JITTER = 0.08
_COLOR_JITTER = 0.05
# Words after these describe the head noun before them: "a chest of drawers", "a shelf with books".
_JOINTS = re.compile(r"\b(?:with|of|on|in|for|under|beside|near|and|from|holding|made|at|by)\b")


@dataclass(frozen=True, slots=True, eq=False)
class ShapeAnchors:
    """What is known of the models that the network learned from.

    Attributes:
        captions: A of them, with their colours.
        categories: Of each.
        sentences: (A, 384) unit sentence vectors of the captions.
        codes: (A, 512).
        colors: (A, 64) colour codes.
        sizes_m: (A,) usual longest side in metres.
        bonus: (A,) what each is preferred by, in cosine: above 0 for a user's own models.
    """

    captions: tuple[str, ...]
    categories: tuple[str, ...]
    sentences: NDArray[np.float32]
    codes: NDArray[np.float32]
    colors: NDArray[np.float32]
    sizes_m: NDArray[np.float32]
    bonus: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class ShapeMeaning:
    """What a prompt was taken for.

    Attributes:
        code: 512 numbers.
        colors: 64 numbers.
        anchor: Number of the known model whose shape was chosen.
        category: Of it.
        caption: Of it.
        nearest: Caption that the prompt came closest to.
        confidence: 0–1.
        size_m: Usual longest side.
    """

    code: tuple[float, ...]
    colors: tuple[float, ...]
    anchor: int
    category: str
    caption: str
    nearest: str
    confidence: float
    size_m: float


class ShapePrior:
    """Finds codes for words.

    Args:
        anchors: Known models.
    """

    def __init__(self, anchors: ShapeAnchors) -> None:
        self._anchors = anchors
        self._words = CaptionWords(anchors.captions, _STOP_WORDS)
        self._with_head = places(frozenset({head_noun(caption)}) for caption in anchors.captions)

    def meaning(self, prompt: str, vector: NDArray[np.float32], random: np.random.Generator) -> ShapeMeaning:
        """Return the code of a prompt.

        Args:
            prompt: English.
            vector: (384,) its unit sentence vector.
            random: Chooses among the models that fit about equally well, and varies the code a little.
        """
        anchors = self._anchors
        scores = anchors.sentences @ vector + _WORD_BONUS * self._words.overlap(prompt) + anchors.bonus
        head = head_noun(prompt)
        if head in self._with_head:
            scores[self._with_head[head]] += _HEAD_BONUS
        best = int(scores.argmax())
        ranked = np.where(scores >= scores[best] - _NEAR, scores, scores - 1)
        nearest = np.argsort(-ranked)[:_N_NEAREST]
        chances = np.exp(_SHARPNESS * (ranked[nearest] - ranked[nearest[0]]))
        chosen = int(random.choice(nearest, p=chances / chances.sum()))
        code = anchors.codes[chosen] + random.normal(0, _JITTER, anchors.codes.shape[1])
        colors = anchors.colors[chosen] + random.normal(0, _COLOR_JITTER, anchors.colors.shape[1])
        confidence = 1 / (1 + np.exp(-(scores[best] - _EVEN_SCORE) / _SCORE_WIDTH))
        return ShapeMeaning(
            code=tuple(round(float(v), 4) for v in code),
            colors=tuple(round(float(v), 4) for v in colors),
            anchor=chosen,
            category=anchors.categories[chosen],
            caption=anchors.captions[chosen],
            nearest=anchors.captions[best],
            confidence=round(float(confidence), 3),
            size_m=float(anchors.sizes_m[chosen]),
        )


def head_noun(text: str) -> str:
    """Return what a text calls its thing: "red wooden chair with arms" is a "chair"; empty if nothing."""
    for part in _JOINTS.split(text.lower()):
        words = [word for word in words_of(part) if word not in _STOP_WORDS]
        if words:
            return singular(words[-1])
    return ""
