"""What a shape generator of others is asked for."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Protocol

from vrbridge.generators.mesh.draft import Draft
from vrbridge.generators.mesh.voxels import Model


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """A thing that is wanted.

    Attributes:
        prompt: Any text.
        seed: For the same model again, if the generator heeds it.
        max_faces: That are wanted; there may be more.
        draft: What the embedded generator makes of the same words and seed.
    """

    prompt: str
    seed: int
    max_faces: int
    draft: Draft


class ModelSource(Protocol):
    """Builds models from words, in seconds or minutes."""

    @property
    def model(self) -> str:
        """Name of what builds."""
        ...

    @property
    def follows_draft(self) -> bool:
        """Whether models are built after the draft, so that its author is theirs too."""
        ...

    def generate(self, request: ModelRequest) -> Generator[float, None, Model]:
        """Yield how far it is, 0–1, and return the model.

        Something is yielded at least every two seconds; closing the generator breaks the work off.

        Raises:
            Unavailable: If what builds is not there, or not ready.
            GeneratorFailed: If it makes something else than a model, or takes too long.
        """
        ...
