"""Stand-ins that implement an interface of the package and are scripted by data."""

import hashlib
import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt


class FakeTextEncoder:
    """Bag-of-words vectors: texts that share words are near each other; fast, and no weights needed."""

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return (N, 384) float32, unit length."""
        vectors = np.zeros((len(texts), 384), np.float32)
        for row, text in enumerate(texts):
            for word in re.findall(r"\w+", text.lower()) or ["<empty>"]:
                digest = hashlib.blake2b(word.encode(), digest_size=8).digest()
                vectors[row] += np.random.default_rng(int.from_bytes(digest, "big")).standard_normal(384)
        unit: npt.NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit
