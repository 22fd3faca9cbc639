"""What every parameter of every kind of request may hold."""

from collections.abc import Mapping
from typing import Any, Final

from tests.wire.fields import Field, count, number, word

_MAPS: Final = ("base_color", "normal", "orm", "height")

PARAM_BASES: Final[Mapping[str, dict[str, Any]]] = {
    "dialogue": {
        "npc": "blacksmith",
        "text": "Hello.",
        "actions": [{"name": "wave", "description": "Wave.", "parameters": {"type": "object"}}],
        "max_tokens": 8,
        "temperature": 0.5,
        "seed": 1,
        "language": "en",
        "persona": {"name": "Ada", "description": "A smith.", "style": "Short.", "knowledge": ["Iron."]},
    },
    "texture": {
        "prompt": "moss",
        "size_px": 64,
        "maps": ["base_color"],
        "seed": 1,
        "style": "painted",
        "format": "rgba8",
    },
    "material": {
        "image": b"x",
        "size_px": 64,
        "maps": ["base_color"],
        "metres_per_tile": 1.0,
        "format": "rgba8",
    },
    "mesh": {
        "prompt": "chair",
        "max_faces": 100,
        "lods": 1,
        "seed": 1,
        "size_m": 1.0,
        "texture_px": 0,
        "collider": False,
    },
}
"""Right parameters of each kind, with every field."""

PARAM_FIELDS: Final[Mapping[str, list[Field]]] = {
    "dialogue": [
        word("npc", shortest=1, longest=80, is_required=True),
        word("text", shortest=1, longest=2000, is_required=True),
        Field("actions", "array", lengths=(0, 16)),
        Field("actions[0]", "map"),
        word("actions[0].name", shortest=1, longest=64, is_required=True),
        word("actions[0].description", longest=500),
        Field("actions[0].parameters", "map"),
        Field("max_tokens", "int nil", bounds=(1, 2048)),
        number("temperature", takes="float nil", bounds=(0, 2)),
        Field("seed", "int nil"),
        word("language", longest=40, takes="str nil"),
        Field("persona", "map nil"),
        word("persona.name", shortest=1, longest=80, is_required=True),
        word("persona.description", longest=2000),
        word("persona.style", longest=500),
        Field("persona.knowledge", "str array"),
        word("persona.knowledge[0]", longest=500),
    ],
    "texture": [
        word("prompt", shortest=1, longest=500, is_required=True),
        count("size_px", bounds=(64, 2048)),
        Field("maps", "array nil", lengths=(1, 4)),
        Field("maps[0]", "str", words=_MAPS),
        Field("seed", "int nil"),
        word("style", longest=64, takes="str nil"),
        word("format", longest=32, takes="str nil"),
    ],
    "material": [
        Field("image", "bin", is_required=True),
        count("size_px", bounds=(64, 2048)),
        Field("maps", "array nil", lengths=(1, 4)),
        Field("maps[0]", "str", words=_MAPS),
        number("metres_per_tile", takes="float nil", bounds=(5e-324, 1000)),
        word("format", longest=32, takes="str nil"),
    ],
    "mesh": [
        word("prompt", shortest=1, longest=500, is_required=True),
        count("max_faces", bounds=(50, 20000)),
        count("lods", bounds=(1, 4)),
        Field("seed", "int nil"),
        number("size_m", takes="float nil", bounds=(5e-324, 1000)),
        count("texture_px", bounds=(0, 2048)),
        Field("collider", "bool"),
    ],
}
