"""Sentence vectors that one start leaves for the next."""

import hashlib
import json
import logging
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from vrbridge.generators.text_encoder import DIMENSIONS, WEIGHTS, SentenceEncoder

# A start needs a dozen; whoever writes characters leaves one for each version, some 200 KB.
_MAX_FILES = 64
_log = logging.getLogger(__name__)


class KeptSentences:
    """Keeps the vectors of several texts at once, which are the server's own: prompts come one by one.

    The words of all rules and of the shipped characters take a core some two seconds, and are the same at
    each start.

    Args:
        encoder: Makes them.
        model: Its folder: other weights make other vectors.
        folder: Where they are kept; anything in it may be deleted.
    """

    def __init__(self, encoder: SentenceEncoder, model: Path, folder: Path) -> None:
        self._encoder = encoder
        weights = (model / WEIGHTS).stat()
        self._model = (weights.st_size, weights.st_mtime_ns)
        self._folder = folder

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return (N, D) float32, unit length; of a single text none is kept."""
        if len(texts) < 2:
            return self._encoder.encode(texts)
        said = json.dumps([self._model, list(texts)])
        file = self._folder / f"{hashlib.sha256(said.encode()).hexdigest()}.npy"
        vectors = _read(file, len(texts))
        if vectors is None:
            vectors = self._encoder.encode(texts)
            _write(file, vectors)
        return vectors


def _read(file: Path, n: int) -> npt.NDArray[np.float32] | None:
    try:
        vectors: npt.NDArray[np.float32] = np.load(file, allow_pickle=False)
    except (OSError, ValueError, EOFError):  # not there, or not whole
        return None
    return vectors if vectors.shape == (n, DIMENSIONS) and vectors.dtype == np.float32 else None


def _write(file: Path, vectors: npt.NDArray[np.float32]) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        # Under a name of its own first: several workers may start at once.
        descriptor, name = tempfile.mkstemp(dir=file.parent)
        try:
            with os.fdopen(descriptor, "wb") as out:
                np.save(out, vectors)
            Path(name).replace(file)
            _forget_oldest(file.parent)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        _log.info("Sentence vectors were not kept, so the next start makes them again: %s", error.strerror)


def _forget_oldest(folder: Path) -> None:
    files = sorted(folder.glob("*.npy"), key=lambda file: -file.stat().st_mtime_ns)
    for file in files[_MAX_FILES:]:
        file.unlink(missing_ok=True)
