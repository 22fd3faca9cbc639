"""Features of pictures that were seen before, kept in a file: those of a data set take minutes."""

import contextlib
import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from vrbridge.training.evaluation.features import EvaluationFeatures, Features

# Of what `EvaluationFeatures` makes of a picture; another number makes old files unused.
_VERSION = 1
_BATCH = 16

Pixels = npt.NDArray[np.uint8]


class FeatureCache:
    """Computes each picture's features once.

    Args:
        network: Computes them.
        file: Where `save` keeps them; a damaged one counts as empty.
    """

    def __init__(self, network: EvaluationFeatures, file: Path) -> None:
        self._network = network
        self._file = file.with_name(f"{file.stem}-{_VERSION}.npz")
        self._known = dict(_read(self._file))

    def of(self, pictures: Sequence[Pixels], progress: Callable[[int], None] | None = None) -> Features:
        """Return the (N, F) features of N pictures (S, S, 3) uint8.

        Args:
            pictures: All of one size.
            progress: Called with how many are done.
        """
        digests = [_digest(picture) for picture in pictures]
        new = {digest: number for number, digest in enumerate(digests) if digest not in self._known}
        missing = list(new.items())
        n_known = len(pictures) - len(missing)
        for start in range(0, len(missing), _BATCH):
            batch = missing[start : start + _BATCH]
            features = self._network.of(np.stack([pictures[number] for _, number in batch]))
            self._known.update(zip((digest for digest, _ in batch), features, strict=True))
            if progress is not None:
                progress(n_known + start + len(batch))
        return np.stack([self._known[digest] for digest in digests])

    def save(self) -> None:
        """Keep what is known for the next run; a folder that can't be written only costs time then."""
        partial = self._file.with_suffix(".partial")
        digests = np.frombuffer(b"".join(self._known), np.uint8).reshape(-1, 16)
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with partial.open("wb") as file:
                np.savez(file, digests=digests, features=np.stack(list(self._known.values())))
            partial.replace(self._file)
        except OSError:
            with contextlib.suppress(OSError):
                partial.unlink(missing_ok=True)


def _digest(picture: Pixels) -> bytes:
    return hashlib.blake2b(picture.tobytes(), digest_size=16).digest()


def _read(file: Path) -> Iterator[tuple[bytes, Features]]:
    try:
        # Opened here, as numpy leaves a file open that it can't read.
        with file.open("rb") as opened, np.load(opened) as kept:
            digests, features = kept["digests"], kept["features"]
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        return
    yield from zip((digest.tobytes() for digest in digests), features, strict=True)
