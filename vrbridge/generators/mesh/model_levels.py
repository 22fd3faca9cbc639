"""A model of any quality as levels of detail within budgets."""

from collections.abc import Iterator, Sequence

from vrbridge.generators.mesh.casting import finest, iter_remade
from vrbridge.generators.mesh.prop import Prop, SurfaceMaterial
from vrbridge.generators.mesh.voxels import Model


def model_levels(
    model: Model, budgets: Sequence[int], *, size_m: float, material: SurfaceMaterial
) -> Iterator[tuple[int, Prop]]:
    """Yield level and prop, coarsest first: the model itself where it fits, else a closed one like it.

    Args:
        model: Any.
        budgets: Most faces of each level, finest first.
        size_m: Longest side in metres.
        material: Of its outside.

    Raises:
        GeneratorFailed: If nothing of it is solid.
    """
    remade = [budget for budget in budgets if budget < len(model.faces)]
    if remade:
        first = len(budgets) - len(remade)
        for level, prop in iter_remade(model, remade, size_m=size_m, material=material):
            yield level + first, prop
    for level in reversed(range(len(budgets) - len(remade))):
        yield level, finest(model, size_m=size_m, material=material)
