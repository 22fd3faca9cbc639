"""Props of the parametric families as drafts."""

from functools import partial

from vrbridge.generators.mesh.draft import Draft
from vrbridge.generators.mesh.levels import iter_levels
from vrbridge.generators.mesh.parametric import ParametricMeshes
from vrbridge.generators.text_encoder import SentenceEncoder


class ProceduralMeshes:
    """Drafts what rules build.

    Args:
        encoder: Compares prompts with the descriptions of the families.
    """

    def __init__(self, encoder: SentenceEncoder) -> None:
        self._meshes = ParametricMeshes(encoder)

    @property
    def model(self) -> str:
        """Name of the rules."""
        return self._meshes.model

    def draft(self, prompt: str, *, seed: int, size_m: float | None = None) -> Draft:
        """Return what to build; see `MeshGenerator.draft`."""
        plan = self._meshes.plan(prompt, seed=seed, size_m=size_m)
        return Draft(
            model=self.model,
            origin="procedural",
            family=plan.family,
            confidence=plan.confidence,
            nearest=plan.nearest,
            levels=partial(iter_levels, self._meshes, plan),
        )
