"""What the outside of a thing is made of and which colour it has, judged by words alone."""

from collections.abc import Mapping

import numpy as np

from vrbridge.generators.mesh.prop import SurfaceMaterial
from vrbridge.generators.mesh.surfaces import SUBSTANCES
from vrbridge.generators.mesh.words import Description, describe
from vrbridge.generators.texture.palette import Color, chosen_color, to_oklab

_USUAL: Mapping[str, str] = {
    "aircraft": "steel",
    "animal": "leather",
    "appliance/electronics": "plastic",
    "bathroom fixture": "ceramic",
    "bed": "cloth",
    "boat/ship": "wood",
    "bones/skull": "bone",
    "building": "plaster",
    "chair/seat": "wood",
    "character": "cloth",
    "clothing": "cloth",
    "container": "wood",
    "door/window": "wood",
    "helmet/hat": "iron",
    "kitchenware/food": "ceramic",
    "lamp/light": "iron",
    "material/debris": "wood",
    "plant": "leaves",
    "rock": "stone",
    "rug/mat": "cloth",
    "shield": "wood",
    "siege engine": "wood",
    "statue": "stone",
    "storage furniture": "wood",
    "street furniture": "iron",
    "table/desk": "wood",
    "tool": "iron",
    "tree": "leaves",
    "vehicle": "steel",
    "weapon": "steel",
}
_OTHERWISE = "plastic"


def named_color(text: str, said: Description, caption: str, random: np.random.Generator) -> Color | None:
    """Return the colour (3,) in Oklab that a thing should have, or None: it keeps its own.

    Args:
        text: The prompt.
        said: What it says.
        caption: Of the known model that the thing is like; what that is called already it need not be given.
        random: Chooses among the colours of a substance.
    """
    known = describe(caption)
    if said.colors:
        return None if set(said.colors) & set(known.colors) else chosen_color(text)
    if not said.substances or said.substances[0] in known.substances:
        return None
    colors = SUBSTANCES[said.substances[0]].colors
    number = colors[int(random.integers(len(colors)))]
    channels = np.array([[number >> 16, number >> 8 & 255, number & 255]], np.float32)
    color: Color = to_oklab(channels / np.float32(255))[0]
    return color


def outside_of(said: Description, caption: str, category: str) -> SurfaceMaterial:
    """Return the material of a thing.

    Args:
        said: Words of the prompt; a substance among them wins.
        caption: Of the known model that the thing is like.
        category: Of that model.
    """
    known = describe(caption).substances
    name = next(iter((*said.substances, *known)), _USUAL.get(category, _OTHERWISE))
    substance = SUBSTANCES[name]
    return SurfaceMaterial(
        name=name,
        base_color=(1.0, 1.0, 1.0, 1.0),
        metallic=substance.metallic,
        roughness=substance.roughness,
        prompt=substance.prompt,
    )
