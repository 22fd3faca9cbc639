"""How a character feels about what they say."""

import re
from collections.abc import Mapping

from vrbridge.generators.language.emotion import NEUTRAL, felt, prototypes
from vrbridge.jobs.embedding import Embed, KnownTexts

_EMBED_S = 0.15
_SENTENCES = re.compile(r"(?<=[.!?…])\s+")


class Feelings:
    """Tells emotions from spoken texts.

    Args:
        embed: Makes sentence vectors. Without them everything is neutral.
    """

    def __init__(self, embed: Embed) -> None:
        self._embed = embed
        texts, self._names = prototypes()
        self._known = KnownTexts(embed, texts)

    async def prepare(self, *, within_s: float) -> None:
        """Make the vectors that don't depend on players."""
        await self._known.prepare(within_s=within_s)

    async def of(self, text: str, *, mood: str = NEUTRAL) -> Mapping[str, object]:
        """Return `name` and `score` (0–1) of the emotion that a text shows.

        Args:
            text: What was said.
            mood: What is taken when the text shows nothing.
        """
        parts = [part for part in _SENTENCES.split(text.strip()) if part]
        # How an answer begins and how it ends: more would cost the model's own threads.
        sentences = list(dict.fromkeys((*parts[:1], *parts[-1:])))
        known = await self._known.vectors(within_s=_EMBED_S) if sentences else None
        vectors = await self._embed.embed(sentences, within_s=_EMBED_S) if known is not None else None
        if known is None or vectors is None:
            return {"name": mood, "score": 0.0}
        name, score = felt(vectors, known, self._names, mood=mood)
        return {"name": name, "score": round(score, 3)}
