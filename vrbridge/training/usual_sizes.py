"""How large kinds of things usually are, where a model does not say."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from vrbridge.generators.mesh.shape_prior import head_noun
from vrbridge.training.mesh_folder import Shape

USUAL_M: Mapping[str, float] = {
    "aircraft": 12.0,
    "animal": 1.4,
    "bones/skull": 0.4,
    "boat/ship": 14.0,
    "building": 12.0,
    "character": 1.8,
    "container": 0.8,
    "helmet/hat": 0.35,
    "material/debris": 1.0,
    "plant": 0.8,
    "rock": 1.2,
    "shield": 0.9,
    "siege engine": 5.0,
    "sport/toy/music": 0.7,
    "statue": 2.5,
    "street furniture": 1.8,
    "tool": 0.6,
    "tree": 6.0,
    "vehicle": 4.2,
    "weapon": 1.0,
}
"""Longest side in metres by category, for those that no model of the data set tells."""
_OTHERWISE_M = 1.0
_MIN_KNOWN = 3


def sizes_m(shapes: Sequence[Shape]) -> NDArray[np.float32]:
    """Return (N,) the longest side of each: its own, or what is usual for its name, or for its kind."""
    by_name: defaultdict[str, list[float]] = defaultdict(list)
    by_category: defaultdict[str, list[float]] = defaultdict(list)
    for shape in shapes:
        if shape.size_m is not None:
            by_name[head_noun(shape.caption)].append(shape.size_m)
            by_category[shape.category].append(shape.size_m)
    found = []
    for shape in shapes:
        known = by_name.get(head_noun(shape.caption), [])
        # One doll's house says nothing of houses.
        if shape.category in USUAL_M and len(known) < _MIN_KNOWN:
            known = []
        elif not known:
            known = by_category.get(shape.category, [])
        usual = float(np.median(known)) if known else USUAL_M.get(shape.category, _OTHERWISE_M)
        found.append(shape.size_m if shape.size_m is not None else usual)
    return np.array(found, np.float32)
