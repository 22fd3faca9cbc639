"""A thing that was decided on, and can be built."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from vrbridge.generators.mesh.prop import Prop

Levels = Callable[[Sequence[int]], Iterator[tuple[int, Prop]]]
"""Given the most faces of each level, finest first, yields level and prop, coarsest first."""


@dataclass(frozen=True, slots=True)
class Draft:
    """One thing.

    Attributes:
        model: Name of what builds it.
        origin: What `meta.origin` says: `generated`, `retrieved` or `procedural`.
        family: Kind of thing.
        confidence: How sure the prompt is understood, 0–1.
        nearest: Known words that the prompt came closest to.
        levels: Builds it.
        attribution: Whom to name when it is shown, or None.
    """

    model: str
    origin: str
    family: str
    confidence: float
    nearest: str
    levels: Levels
    attribution: str | None = None


class MeshGenerator(Protocol):
    """Makes things from words."""

    @property
    def model(self) -> str:
        """Name of the model."""
        ...

    def draft(self, prompt: str, *, seed: int, size_m: float | None = None) -> Draft:
        """Return what to build.

        Args:
            prompt: Any text.
            seed: Chooses among what fits, and varies it.
            size_m: Longest side in metres; None: what is usual for the thing.
        """
        ...
