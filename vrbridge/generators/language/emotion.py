"""Which emotion a spoken text shows."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

# Sentences that show each emotion; `neutral` is what is left when none is near.
EMOTIONS: Mapping[str, Sequence[str]] = {
    "joy": (
        "I am so happy to see you, this is wonderful!",
        "Ha! That made me laugh.",
        "What a fine day, I could sing.",
        "I am proud of my work, it turned out beautiful.",
    ),
    "sadness": (
        "I miss them so much, it breaks my heart.",
        "My husband died, and I think of him every day.",
        "It burned down, and everything is lost.",
        "Nobody came back from there. We still mourn.",
        "I feel lonely and tired of it all.",
        "It is a sad loss for all of us.",
    ),
    "anger": (
        "How dare you! Get out of here at once!",
        "I am furious, they cheated me.",
        "Stop that, or you will regret it.",
        "I hate those thieves.",
    ),
    "fear": (
        "I am afraid something terrible is coming.",
        "Be careful, there is danger, run!",
        "Please don't hurt me.",
        "It is dark and I heard a scream.",
    ),
    "surprise": (
        "What? I did not expect that at all!",
        "Really? I can hardly believe it.",
        "Oh! Where did you come from?",
    ),
    "disgust": (
        "That smells rotten, take it away.",
        "How revolting, I feel sick.",
        "Filthy, disgusting stuff.",
    ),
    "trust": (
        "You can rely on me, my friend.",
        "Here, take it, it is yours.",
        "Of course I will help you.",
        "You are welcome here, come in.",
    ),
    "curiosity": (
        "Tell me more, where do you come from?",
        "How interesting, how does it work?",
        "What do you want to know?",
    ),
}
NEUTRAL = "neutral"
NAMES: tuple[str, ...] = (NEUTRAL, *EMOTIONS)
# Likeness of sentence vectors: below the first nothing is felt, at the second it is certain.
_FAINT = 0.35
_CERTAIN = 0.7
# What is felt less than this is the usual mood.
_SLIGHT = 0.3


def prototypes() -> tuple[list[str], list[str]]:
    """Return the sentences of all emotions, and the emotion of each."""
    pairs = [(text, name) for name, texts in EMOTIONS.items() for text in texts]
    return [text for text, _ in pairs], [name for _, name in pairs]


def felt(
    vectors: NDArray[np.float32], known: NDArray[np.float32], names: Sequence[str], *, mood: str = NEUTRAL
) -> tuple[str, float]:
    """Return the emotion of a text and its score in 0–1.

    Args:
        vectors: (S, D) float32, unit length: the sentences of the text.
        known: (N, D) float32, unit length: sentences of known emotion.
        names: Their emotions.
        mood: What is taken when the text shows nothing.
    """
    if not len(vectors):
        return mood, 0.5
    likeness = (vectors @ known.T).max(axis=0)  # (N,)
    best = int(likeness.argmax())
    score = (float(likeness[best]) - _FAINT) / (_CERTAIN - _FAINT)
    if score < _SLIGHT:
        return mood, min(1.0, 0.5 + (_SLIGHT - score) / 2)
    return names[best], min(1.0, score)
