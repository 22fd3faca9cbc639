"""Structures of known pictures that a new tile may start from, under noise."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from vrbridge.generators.texture.autoencoder import LATENT_CHANNELS
from vrbridge.generators.texture.noise import Canvas

STEPS_PER_UNIT = 31.75
"""Structures have spread 1; four of it fit into a byte."""
EDGE = 32
"""Lattice points of a structure's edge."""

WHOLE = frozenset(
    (
        "brick", "cobblestone/paving", "tiles", "roof", "stone wall", "wood", "metal", "sci-fi panel",
        "fabric", "carpet", "wallpaper", "hieroglyph stone", "solar panel", "thatch/straw", "ceramic",
    )
)  # fmt: skip
"""Categories of materials whose parts have to meet: a larger tile repeats their layout."""
_N_MIXED = 3
_SHARPNESS = 9.0


@dataclass(frozen=True, slots=True, eq=False)
class Layouts:
    """L structures, each of one of the anchors.

    Attributes:
        structures: (L, 6, 32, 32) int8, in steps of which 31.75 make the spread of a structure.
        anchors: (L,) int32, number of the anchor whose picture it is.
    """

    structures: npt.NDArray[np.int8]
    anchors: npt.NDArray[np.int32]

    @classmethod
    def none(cls) -> "Layouts":
        """Return no layouts."""
        return cls(np.zeros((0, LATENT_CHANNELS, EDGE, EDGE), np.int8), np.zeros(0, np.int32))

    @classmethod
    def of(cls, structures: npt.NDArray[np.floating], anchors: npt.NDArray[np.integer]) -> "Layouts":
        """Return the layouts of (L, 6, 32, 32) structures of spread 1."""
        steps = np.rint(np.asarray(structures, np.float32) * STEPS_PER_UNIT).clip(-127, 127)
        return cls(steps.astype(np.int8), anchors.astype(np.int32))

    def and_those_of(self, others: "Layouts", n_anchors: int) -> "Layouts":
        """Return these and others, whose anchors come after the n anchors of these."""
        return Layouts(
            np.concatenate([self.structures, others.structures]),
            np.concatenate([self.anchors, others.anchors + np.int32(n_anchors)]),
        )

    def __len__(self) -> int:
        return len(self.anchors)

    def laid_out(self, number: int, category: str, seed: int, size: int) -> Tensor:
        """Return a structure (1, 6, size, size) like one of these, moved by chance.

        A tile that is larger repeats it, or shows several moved ones in patches, so that nothing repeats.

        Args:
            number: Of the layout.
            category: Of its material; says whether its parts have to meet.
            seed: Moves it.
            size: Lattice points of an edge; may be smaller than the layout, which is then cut.
        """
        own = self.structures[number].astype(np.float32) / np.float32(STEPS_PER_UNIT)
        canvas = Canvas(size, seed)
        n_copies = -(-size // EDGE)
        n_mixed = 1 if n_copies == 1 or category in WHOLE else _N_MIXED
        shifts = canvas.random("shifts").integers(0, EDGE, (n_mixed, 2))
        moved = [
            np.tile(np.roll(own, (int(y), int(x)), (1, 2)), (1, n_copies, n_copies))[:, :size, :size]
            for y, x in shifts
        ]
        if n_mixed == 1:
            return torch.from_numpy(np.ascontiguousarray(moved[0]))[None]
        fields = np.stack([canvas.fbm(f"patch {i}", 3 * n_copies, octaves=2) for i in range(n_mixed)])
        shares = np.exp(_SHARPNESS * (fields - fields.max(0)))
        shares /= np.sqrt(np.square(shares).sum(0))
        mixed = sum(share * part for share, part in zip(shares, moved, strict=True))
        return torch.from_numpy(np.ascontiguousarray(mixed, np.float32))[None]
