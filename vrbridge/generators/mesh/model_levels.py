"""A model of any quality as levels of detail within budgets."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from vrbridge.generators.mesh.casting import finest, iter_kept, iter_remade
from vrbridge.generators.mesh.prop import Prop, SurfaceMaterial
from vrbridge.generators.mesh.voxels import Model

_NONE: Mapping[int, Model] = MappingProxyType({})


def model_levels(
    model: Model,
    budgets: Sequence[int],
    *,
    size_m: float,
    material: SurfaceMaterial,
    kept: Mapping[int, Model] = _NONE,
) -> Iterator[tuple[int, Prop]]:
    """Yield level and prop, coarsest first: the model itself where it fits, else a closed one like it.

    Args:
        model: Any.
        budgets: Most faces of each level, finest first.
        size_m: Longest side in metres.
        material: Of its outside.
        kept: Closed ones that were made before, from `remade`; others are made now, which takes longer.

    Raises:
        GeneratorFailed: If nothing of it is solid.
    """
    n_whole = sum(budget >= len(model.faces) for budget in budgets)
    n_made = sum(budget > max(kept, default=0) for budget in budgets[n_whole:])
    known = n_whole + n_made
    if known < len(budgets):
        for level, prop in iter_kept(kept, model, budgets[known:], size_m=size_m, material=material):
            yield level + known, prop
    if n_made:
        for level, prop in iter_remade(model, budgets[n_whole:known], size_m=size_m, material=material):
            yield level + n_whole, prop
    for level in reversed(range(n_whole)):
        yield level, finest(model, size_m=size_m, material=material)
