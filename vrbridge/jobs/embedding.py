"""Sentence vectors for jobs, from the workers and within a bounded time."""

import time
from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from vrbridge.errors import RequestError
from vrbridge.jobs.generated import Workers
from vrbridge.jobs.outputs import RESULT

# One worker core: fixed part, and seconds for a sentence.
_BASE_COST_S = 0.008
_TEXT_COST_S = 0.004
# Before everything that players ask for: a word never waits behind a mesh.
_TIER = -1
_SESSION = "dialogue"


class Embed(Protocol):
    """Turns texts into vectors."""

    async def embed(
        self, texts: Sequence[str], *, within_s: float, are_own: bool = False
    ) -> NDArray[np.float32] | None:
        """Return (N, D) float32 of unit length, or None if they can't be had in time.

        Args:
            texts: N of them.
            within_s: How long it may take.
            are_own: Whether the server brought the texts along, so that vectors may be kept on the disk.
        """
        ...


class WorkerEmbed:
    """Has the workers embed.

    Args:
        workers: Where the sentence encoder runs.
        clock: Seconds of `time.monotonic`, which the workers' deadlines are on.
    """

    def __init__(self, workers: Workers, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._workers = workers
        self._clock = clock

    async def embed(
        self, texts: Sequence[str], *, within_s: float, are_own: bool = False
    ) -> NDArray[np.float32] | None:
        """Return (N, D) float32 of unit length, or None if the workers are busy, down or too slow."""
        arguments = {"texts": list(texts)} | ({"are_own": True} if are_own else {})
        try:
            async with self._workers.job(
                "embed", arguments, session=_SESSION, tier=_TIER,
                cost_s=_BASE_COST_S + _TEXT_COST_S * len(texts), deadline=self._clock() + within_s,
            ) as outputs:  # fmt: skip
                async for output in outputs:
                    if output.name == RESULT:
                        vectors = np.frombuffer(output.payload, "<f4")
                        return vectors.reshape(len(texts), -1).astype(np.float32)
        except RequestError:  # what needs vectors has something to fall back on
            pass
        return None


class KnownTexts:
    """Texts whose vectors are made once.

    Args:
        embed: Makes them.
        texts: At least one.
    """

    def __init__(self, embed: Embed, texts: Sequence[str]) -> None:
        self._embed = embed
        self._texts = list(texts)
        self._vectors: NDArray[np.float32] | None = None

    @property
    def texts(self) -> Sequence[str]:
        """The texts, in the order of their vectors."""
        return self._texts

    async def vectors(self, *, within_s: float) -> NDArray[np.float32] | None:
        """Return (N, D) float32, or None if they could not be made in time."""
        if self._vectors is None:
            self._vectors = await self._embed.embed(self._texts, within_s=within_s)
        return self._vectors

    async def prepare(self, *, within_s: float) -> None:
        """Make the vectors of texts that the server brought along; they may be kept on the disk."""
        self._vectors = await self._embed.embed(self._texts, within_s=within_s, are_own=True)
