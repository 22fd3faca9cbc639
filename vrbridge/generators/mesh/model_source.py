"""What a shape generator of others is asked for."""

from collections.abc import Generator
from typing import Protocol

from vrbridge.generators.mesh.voxels import Model


class ModelSource(Protocol):
    """Builds models from words, in seconds or minutes."""

    @property
    def model(self) -> str:
        """Name of what builds."""
        ...

    def generate(self, prompt: str, *, seed: int, max_faces: int) -> Generator[float, None, Model]:
        """Yield how far it is, 0–1, and return the model.

        Something is yielded at least every quarter of a second; closing the generator breaks the work off.

        Args:
            prompt: Any text.
            seed: For the same model again, if the generator heeds it.
            max_faces: That are wanted; there may be more.

        Raises:
            Unavailable: If what builds is not there, or not ready.
            GeneratorFailed: If it makes something else than a model, or takes too long.
        """
        ...
