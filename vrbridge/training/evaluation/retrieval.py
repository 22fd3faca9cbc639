"""Whether words can be told from pictures: a linear map from features to sentence vectors."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from vrbridge.training.evaluation.features import Features

Sentences = npt.NDArray[np.float32]
"""(N, D) unit vectors."""

# Best in cross-validation over training pictures; a tenth or ten times as much costs a few per cent.
_RIDGE = 30.0


@dataclass(frozen=True, slots=True)
class Retrieval:
    """How often a picture's own words are found among others.

    Attributes:
        top_1: Share of pictures whose own words fit best.
        top_5: Share whose own words are among the best five.
        n_texts: How many texts there are to choose from; chance is 1 and 5 of them.
    """

    top_1: float
    top_5: float
    n_texts: int


@dataclass(frozen=True, slots=True)
class TextMap:
    """Foretells sentence vectors from features.

    Attributes:
        weights: (F + 1, D); the last row is the mean sentence.
    """

    weights: npt.NDArray[np.float64]

    @classmethod
    def fitted(cls, features: Features, sentences: Sentences) -> Self:
        """Return the ridge regression from standard (N, F) features to their (N, D) captions."""
        x, mean = features.astype(np.float64), sentences.mean(0).astype(np.float64)
        gram = x.T @ x + _RIDGE * np.eye(x.shape[1])
        return cls(np.vstack([np.linalg.solve(gram, x.T @ (sentences - mean)), mean]))

    def fits(self, features: Features, sentences: Sentences) -> npt.NDArray[np.float64]:
        """Return (N, M): how well each of M sentences fits each of N pictures, as cosines."""
        seen = features.astype(np.float64) @ self.weights[:-1]
        # What all sentences have in common tells none from the others.
        meant = sentences.astype(np.float64) - self.weights[-1]
        return _unit(seen) @ _unit(meant).T

    def retrieval(self, features: Features, own: npt.NDArray[np.integer], sentences: Sentences) -> Retrieval:
        """Return how often each picture's own sentence is found.

        Args:
            features: (N, F), standard.
            own: (N,) number of the sentence that each picture was made for.
            sentences: (M, D) to choose from.
        """
        fits = self.fits(features, sentences)
        # Of equal fits the own one comes last, so that a map that tells nothing finds nothing.
        rank = (fits >= fits[np.arange(len(own)), own][:, None]).sum(1)
        return Retrieval(float((rank <= 1).mean()), float((rank <= 5).mean()), len(sentences))


def _unit(vectors: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    scaled: npt.NDArray[np.float64] = vectors / np.maximum(
        np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12
    )
    return scaled
